/** Energy: sensors, their calibration, and measurements in windows that begin and end on a tick of the counter. */
@NullMarked
package org.secateur.profilers.core.energy;

import org.jspecify.annotations.NullMarked;
