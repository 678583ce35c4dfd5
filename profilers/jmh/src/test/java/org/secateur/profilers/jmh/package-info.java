/** Tests of the JMH profilers. */
@NullMarked
package org.secateur.profilers.jmh;

import org.jspecify.annotations.NullMarked;
