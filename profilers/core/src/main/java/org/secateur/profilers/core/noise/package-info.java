/** How noisy a machine is, and whether it is fit to be measured on. */
@NullMarked
package org.secateur.profilers.core.noise;

import org.jspecify.annotations.NullMarked;
