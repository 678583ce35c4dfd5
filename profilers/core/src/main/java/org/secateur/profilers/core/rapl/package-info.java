/** The processor's own energy counters (RAPL) as Linux shows them below {@code /sys/class/powercap}. */
@NullMarked
package org.secateur.profilers.core.rapl;

import org.jspecify.annotations.NullMarked;
