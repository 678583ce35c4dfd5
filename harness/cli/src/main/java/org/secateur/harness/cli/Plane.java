package org.secateur.harness.cli;

import java.util.List;
import java.util.stream.IntStream;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.Linear;
import org.secateur.results.core.Workload;
import org.secateur.results.core.cost.PlanAxis;

/**
 * The workloads that one pass of a convolution or linear layer may become when batch and widths change.
 *
 * @param layer the pass at full width
 * @param axes of its batch, its input width and its output width; a width that never changes has one value
 */
record Plane(Workload layer, List<PlanAxis> axes) {
    Plane {
        axes = List.copyOf(axes);
        if (axes.size() != 3) {
            throw new IllegalArgumentException(axes.size() + " axes: expected batch, input and output width");
        }
    }

    /** The number of its workloads. */
    long points() {
        return axes.stream().mapToLong(axis -> axis.values().size()).reduce(1, (a, b) -> a * b);
    }

    /** The workload at a batch, an input width and an output width. */
    Workload at(List<Integer> point) {
        int n = point.get(0);
        int c = point.get(1);
        int k = point.get(2);
        Operation operation = switch (layer.operation()) {
            case Convolution o -> o.with(n, c, k);
            case Linear o -> new Linear(n, c, k);
            default -> throw new IllegalStateException(layer + " has no widths");
        };
        return new Workload(operation, layer.pass(), layer.dataType(), layer.mathMode(), layer.layout());
    }

    /** The point of a number from 0 to {@link #points()}, exclusive. */
    List<Integer> point(long number) {
        long rest = number;
        int[] point = new int[axes.size()];
        for (int axis = axes.size() - 1; axis >= 0; axis--) {
            List<Integer> values = axes.get(axis).values();
            point[axis] = values.get((int) (rest % values.size()));
            rest /= values.size();
        }
        return IntStream.of(point).boxed().toList();
    }

    /** Whether every workload of another plane is one of this. */
    boolean contains(Plane other) {
        boolean wider = IntStream.range(0, axes.size())
                .allMatch(axis ->
                        axes.get(axis).values().containsAll(other.axes.get(axis).values()));
        List<Integer> last = other.point(other.points() - 1);
        return wider && at(last).equals(other.at(last));
    }
}
