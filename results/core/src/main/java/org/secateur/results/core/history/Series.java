package org.secateur.results.core.history;

import java.util.List;

/**
 * The values of one thing on one device, the oldest first.
 *
 * @param device the device's own name
 * @param subject what was measured, such as a workload's text
 * @param quantity what of it, such as {@code timeSeconds}; less is better
 */
public record Series(String device, String subject, String quantity, List<Point> points) {
    public Series {
        points = List.copyOf(points);
    }
}
