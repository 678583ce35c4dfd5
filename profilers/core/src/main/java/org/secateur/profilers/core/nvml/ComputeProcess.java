package org.secateur.profilers.core.nvml;

import java.util.OptionalLong;

/**
 * A process that computes on a GPU.
 *
 * @param pid as the driver knows it; a container may know the process by another number
 * @param memoryBytes of the GPU that it holds, where the driver tells
 */
public record ComputeProcess(long pid, OptionalLong memoryBytes) {}
