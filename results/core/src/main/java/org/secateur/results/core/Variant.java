package org.secateur.results.core;

/**
 * The algorithm that the device chose for a workload: a result, so that a changed one opens a new version of the row.
 *
 * @param algorithm the library's own name for it, for example {@code onednn} or {@code IMPLICIT_PRECOMP_GEMM}
 * @param workspaceBytes the workspace it took
 * @param deterministic whether it gives the same bits for the same input
 */
public record Variant(String algorithm, long workspaceBytes, boolean deterministic) {}
