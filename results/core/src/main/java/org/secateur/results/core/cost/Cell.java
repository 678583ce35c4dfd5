package org.secateur.results.core.cost;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A box of points of a {@link RefiningPlan}, by their places on its axes.
 *
 * @param low the first place on each axis
 * @param high the last place on each axis
 */
record Cell(List<Integer> low, List<Integer> high) {
    Cell {
        low = List.copyOf(low);
        high = List.copyOf(high);
    }

    /** This cell with one axis more. */
    Cell extended(int from, int to) {
        List<Integer> lows = new ArrayList<>(low);
        List<Integer> highs = new ArrayList<>(high);
        lows.add(from);
        highs.add(to);
        return new Cell(lows, highs);
    }

    /** Steps from the first to the last place on an axis; 0 where it has one place only. */
    int steps(int axis) {
        return high.get(axis) - low.get(axis);
    }

    /** The axis with the most places. */
    int longest() {
        int longest = 0;
        for (int axis = 1; axis < low.size(); axis++) {
            if (steps(axis) > steps(longest)) {
                longest = axis;
            }
        }
        return longest;
    }

    /** All points. */
    long points() {
        long points = 1;
        for (int axis = 0; axis < low.size(); axis++) {
            points *= steps(axis) + 1L;
        }
        return points;
    }

    /** Its corners, each once. */
    List<List<Integer>> corners() {
        Set<List<Integer>> corners = new LinkedHashSet<>();
        for (int bits = 0; bits < (1 << low.size()); bits++) {
            List<Integer> corner = new ArrayList<>();
            for (int axis = 0; axis < low.size(); axis++) {
                corner.add(((bits >> axis) & 1) == 0 ? low.get(axis) : high.get(axis));
            }
            corners.add(List.copyOf(corner));
        }
        return List.copyOf(corners);
    }

    /** The point in its middle, or just below. */
    List<Integer> middle() {
        List<Integer> middle = new ArrayList<>();
        for (int axis = 0; axis < low.size(); axis++) {
            middle.add((low.get(axis) + high.get(axis)) / 2);
        }
        return List.copyOf(middle);
    }

    boolean holds(List<Integer> point) {
        for (int axis = 0; axis < low.size(); axis++) {
            if (point.get(axis) < low.get(axis) || point.get(axis) > high.get(axis)) {
                return false;
            }
        }
        return true;
    }

    /** The halves up to a place on an axis and after it. */
    List<Cell> cut(int axis, int after) {
        return List.of(new Cell(low, with(high, axis, after)), new Cell(with(low, axis, after + 1), high));
    }

    /** A point with another place on one axis. */
    static List<Integer> with(List<Integer> point, int axis, int place) {
        List<Integer> changed = new ArrayList<>(point);
        changed.set(axis, place);
        return List.copyOf(changed);
    }
}
