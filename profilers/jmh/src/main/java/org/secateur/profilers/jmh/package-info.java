/** Profilers for JMH: energy, GPU and contention beside each score. */
@NullMarked
package org.secateur.profilers.jmh;

import org.jspecify.annotations.NullMarked;
