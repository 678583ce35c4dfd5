package org.secateur.profilers.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.secateur.profilers.cuda.OperandShapes.Shape;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Regime;
import org.secateur.results.core.Request;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;

/**
 * What one launch of a workload read and wrote, as stored.
 *
 * @param before what it was going to read
 * @param after the same memory after it
 * @param made what it wrote
 */
record OneLaunch(Workload workload, List<float[]> before, List<float[]> after, List<float[]> made) {

    static OneLaunch of(CudaDevice device, Operation operation, Pass pass, DataType type, Layout layout) {
        return of(device, new Workload(operation, pass, type, MathMode.DEFAULT, layout));
    }

    static OneLaunch of(CudaDevice device, Workload workload) {
        OperandShapes shapes = OperandShapes.of(workload);
        try (WorkloadKernel kernel =
                (WorkloadKernel) device.open(new WorkloadKey(workload, Regime.HOT, Request.DEFAULT))) {
            Operands operands = kernel.operands().get(0);
            List<float[]> before = read(operands.reads(), shapes.reads());
            kernel.launch();
            kernel.synchronize();
            return new OneLaunch(
                    workload, before, read(operands.reads(), shapes.reads()), read(operands.writes(), shapes.writes()));
        }
    }

    private static List<float[]> read(List<DeviceMemory> memories, List<Shape> shapes) {
        List<float[]> values = new ArrayList<>();
        for (int i = 0; i < memories.size(); i++) {
            Shape shape = shapes.get(i);
            values.add(Numbers.read(memories.get(i), shape.type(), (int) shape.elements()));
        }
        return values;
    }

    /** What was read, a tensor of this logical shape, in row-major order. */
    float[] before(int place, int... shape) {
        return Tensors.rowMajor(before.get(place), workload.layout(), shape);
    }

    /** What was written, likewise. */
    float[] made(int place, int... shape) {
        return Tensors.rowMajor(made.get(place), workload.layout(), shape);
    }

    /** The error of the workload's type, relative to the largest result. */
    double error() {
        return switch (workload.dataType()) {
            case F32 -> 1e-5;
            case F16 -> 2e-3;
            case BF16 -> 1.6e-2;
        };
    }

    void assertClose(float[] actual, double[] expected) {
        assertClose(actual, expected, error());
    }

    static void assertClose(float[] actual, double[] expected, double error) {
        assertThat(actual).hasSameSizeAs(expected);
        double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        for (int i = 0; i < actual.length; i++) {
            assertThat((double) actual[i]).as("element %d", i).isCloseTo(expected[i], within(error * (1 + largest)));
        }
    }

    static double[] doubles(float[] values) {
        double[] result = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = values[i];
        }
        return result;
    }
}
