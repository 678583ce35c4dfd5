package org.secateur.harness.loop;

import java.util.Map;

/**
 * One epoch of one arm, as plots show it.
 *
 * @param epoch counted from 1
 * @param loss mean training loss
 * @param top1 fraction of the evaluated test images classified right
 * @param stepSeconds median of the epoch's training steps, a teacher's forward passes and the group lasso included
 * @param loopOverhead the part of the steps' time that the loop around the library took, a fraction 0..1
 * @param widths channels of each group after the epoch
 */
public record EpochPoint(
        int epoch, double loss, double top1, double stepSeconds, double loopOverhead, Map<String, Integer> widths) {}
