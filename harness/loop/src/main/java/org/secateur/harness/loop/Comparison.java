package org.secateur.harness.loop;

import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.Verdict;

/**
 * Pruned against dense, measured interleaved in one process.
 *
 * @param stepRatio pruned / dense training step, below 1 is faster
 * @param latencyRatio pruned / dense inference
 * @param top1Difference pruned minus dense accuracy over the same test images, as a fraction, with its paired interval
 * @param verdict on the training step
 */
public record Comparison(Quantity stepRatio, Quantity latencyRatio, Quantity top1Difference, Verdict verdict) {}
