/** NVIDIA's management library (NVML): energy, power, clocks and temperature of GPUs, and what holds them back. */
@NullMarked
package org.secateur.profilers.core.nvml;

import org.jspecify.annotations.NullMarked;
