/** Devices, kernels and probes, and the sampler that measures them. */
@NullMarked
package org.secateur.profilers.core;

import org.jspecify.annotations.NullMarked;
