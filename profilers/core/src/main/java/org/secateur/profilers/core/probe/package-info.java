/** Probes: what can be read of this machine, how often and at what price, and why not where it cannot. */
@NullMarked
package org.secateur.profilers.core.probe;

import org.jspecify.annotations.NullMarked;
