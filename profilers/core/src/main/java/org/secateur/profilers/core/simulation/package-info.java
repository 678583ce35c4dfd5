/** A device in virtual time, for tests of everything that measures. */
@NullMarked
package org.secateur.profilers.core.simulation;

import org.jspecify.annotations.NullMarked;
