package org.secateur.profilers.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Operation.Activation;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.Add;
import org.secateur.results.core.Operation.BatchNorm;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.IndexMap;
import org.secateur.results.core.Operation.Linear;
import org.secateur.results.core.Operation.Operand;
import org.secateur.results.core.Operation.OptimizerStep;
import org.secateur.results.core.Operation.Pooling;
import org.secateur.results.core.Operation.PoolingKind;
import org.secateur.results.core.Operation.SoftmaxLoss;
import org.secateur.results.core.Pass;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.StepProgram.Buffer;
import org.secateur.results.core.StepProgram.Instruction;
import org.secateur.results.core.StepProgram.Role;
import org.secateur.results.core.Workload;

/** A small network's whole step, written down as lowering would. */
@Tag("native")
@SuppressWarnings("NullAway.Init") // set before each test
class StepKernelTest {
    private static final SgdRule STILL = new SgdRule(0, 0, 0);

    private StandIn standIn;

    @BeforeEach
    void world() {
        standIn = StandIn.loaded();
        standIn.world();
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(standIn.live()).isZero();
    }

    /** Instructions in one arithmetic. */
    private static final class Program {
        private final DataType type;
        private final Layout layout;
        private final List<Instruction> instructions = new ArrayList<>();

        Program(DataType type, Layout layout) {
            this.type = type;
            this.layout = layout;
        }

        void add(Operation operation, Pass pass, List<String> reads, List<String> writes) {
            Workload workload = new Workload(operation, pass, type, MathMode.DEFAULT, layout);
            instructions.add(new Instruction("layer", workload, reads, writes));
        }
    }

    static final List<String> PARAMETERS =
            List.of("conv.weight", "bn.weight", "bn.bias", "conv2.weight", "conv2.bias", "fc.weight", "fc.bias");

    /** Convolution, batch norm, ReLU; a convolution with bias beside a shortcut, added; average, linear layer, loss. */
    static StepProgram step(DataType type, Layout layout) {
        Extent one = Extent.of(1);
        Extent two = Extent.of(2);
        Operation conv = new Convolution(6, 3, 6, 6, 4, 3, 3, one, one, one, 1);
        Operation norm = new BatchNorm(6, 4, 6, 6, true);
        Operation relu = new Activation(6, 4, 6, 6, ActivationKind.RELU);
        Operation map = new IndexMap(6, 4, 6, 6, 6, 4, two);
        Operation conv2 = new Convolution(6, 4, 6, 6, 6, 3, 3, two, one, one, 1);
        Operation sum = new Add(6, 6, 3, 3, Operand.TENSOR);
        Operation pool = new Pooling(6, 6, 3, 3, PoolingKind.AVERAGE, Extent.of(3), Extent.of(3), Extent.of(0), false);
        Operation fc = new Linear(6, 6, 3);
        Operation loss = new SoftmaxLoss(6, 3);
        Program p = new Program(type, layout);
        p.add(conv, Pass.FORWARD, List.of("input", "conv.weight"), List.of("conv"));
        p.add(
                norm,
                Pass.FORWARD,
                List.of("conv", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"),
                List.of("bn", "bn.saved_mean", "bn.saved_invstd", "bn.running_mean", "bn.running_var"));
        p.add(relu, Pass.FORWARD, List.of("bn"), List.of("relu"));
        p.add(map, Pass.FORWARD, List.of("relu"), List.of("map"));
        p.add(conv2, Pass.FORWARD, List.of("relu", "conv2.weight", "conv2.bias"), List.of("conv2"));
        p.add(sum, Pass.FORWARD, List.of("conv2", "map"), List.of("sum"));
        p.add(pool, Pass.FORWARD, List.of("sum"), List.of("pool"));
        p.add(fc, Pass.FORWARD, List.of("pool", "fc.weight", "fc.bias"), List.of("fc"));
        p.add(loss, Pass.FORWARD, List.of("fc", "labels"), List.of("loss", "loss.probabilities"));
        p.add(loss, Pass.BACKWARD, List.of("loss.probabilities", "labels"), List.of("fc.grad"));
        p.add(fc, Pass.BACKWARD_DATA, List.of("fc.grad", "fc.weight"), List.of("pool.grad"));
        p.add(fc, Pass.BACKWARD_WEIGHTS, List.of("pool", "fc.grad"), List.of("fc.weight.grad", "fc.bias.grad"));
        p.add(pool, Pass.BACKWARD, List.of("sum", "pool", "pool.grad"), List.of("sum.grad"));
        p.add(map, Pass.BACKWARD, List.of("sum.grad"), List.of("relu.grad"));
        p.add(conv2, Pass.BACKWARD_DATA, List.of("sum.grad", "conv2.weight"), List.of("relu.grad.conv2"));
        p.add(
                conv2,
                Pass.BACKWARD_WEIGHTS,
                List.of("relu", "sum.grad"),
                List.of("conv2.weight.grad", "conv2.bias.grad"));
        p.add(
                new Add(6, 4, 6, 6, Operand.TENSOR),
                Pass.FORWARD,
                List.of("relu.grad", "relu.grad.conv2"),
                List.of("relu.grad"));
        p.add(relu, Pass.BACKWARD, List.of("relu", "relu.grad"), List.of("bn.grad"));
        p.add(
                norm,
                Pass.BACKWARD,
                List.of("conv", "bn.grad", "bn.weight", "bn.saved_mean", "bn.saved_invstd"),
                List.of("conv.grad", "bn.weight.grad", "bn.bias.grad"));
        p.add(conv, Pass.BACKWARD_WEIGHTS, List.of("input", "conv.grad"), List.of("conv.weight.grad"));
        List<String> reads = new ArrayList<>(PARAMETERS);
        PARAMETERS.forEach(name -> reads.add(name + ".grad"));
        PARAMETERS.forEach(name -> reads.add(name + ".momentum"));
        List<String> writes = new ArrayList<>(PARAMETERS);
        PARAMETERS.forEach(name -> writes.add(name + ".momentum"));
        p.add(new OptimizerStep(108 + 4 + 4 + 216 + 6 + 18 + 3, 7), Pass.UPDATE, reads, writes);
        return new StepProgram("small", StepProgram.Kind.TRAINING, 6, p.instructions, buffers());
    }

    private static List<Buffer> buffers() {
        List<Buffer> buffers = new ArrayList<>();
        buffers.add(new Buffer("input", Role.INPUT, List.of(6, 3, 6, 6)));
        buffers.add(new Buffer("labels", Role.LABELS, List.of(6)));
        for (String name : List.of("conv", "bn", "relu")) {
            activation(buffers, name, 6, 4, 6, 6);
        }
        buffers.add(new Buffer("relu.grad.conv2", Role.GRADIENT, List.of(6, 4, 6, 6)));
        for (String name : List.of("map", "conv2", "sum")) {
            activation(buffers, name, 6, 6, 3, 3);
        }
        for (String name : List.of("bn.saved_mean", "bn.saved_invstd")) {
            buffers.add(new Buffer(name, Role.ACTIVATION, List.of(4)));
        }
        for (String name : List.of("bn.running_mean", "bn.running_var")) {
            buffers.add(new Buffer(name, Role.STATISTIC, List.of(4)));
        }
        activation(buffers, "pool", 6, 6, 1, 1);
        activation(buffers, "fc", 6, 3, 1, 1);
        buffers.add(new Buffer("loss", Role.ACTIVATION, List.of(1)));
        buffers.add(new Buffer("loss.probabilities", Role.ACTIVATION, List.of(6, 3)));
        parameter(buffers, "conv.weight", 4, 3, 3, 3);
        parameter(buffers, "bn.weight", 4);
        parameter(buffers, "bn.bias", 4);
        parameter(buffers, "conv2.weight", 6, 4, 3, 3);
        parameter(buffers, "conv2.bias", 6);
        parameter(buffers, "fc.weight", 3, 6);
        parameter(buffers, "fc.bias", 3);
        return buffers;
    }

    private static void activation(List<Buffer> buffers, String name, Integer... shape) {
        buffers.add(new Buffer(name, Role.ACTIVATION, List.of(shape)));
        buffers.add(new Buffer(name + ".grad", Role.GRADIENT, List.of(shape)));
    }

    private static void parameter(List<Buffer> buffers, String name, Integer... shape) {
        buffers.add(new Buffer(name, Role.PARAMETER, List.of(shape)));
        buffers.add(new Buffer(name + ".grad", Role.PARAMETER_GRADIENT, List.of(shape)));
        buffers.add(new Buffer(name + ".momentum", Role.MOMENTUM, List.of(shape)));
    }

    private static double loss(StepKernel kernel, DataType type) {
        kernel.launch();
        kernel.synchronize();
        return Numbers.read(kernel.memory("loss"), type, 1)[0];
    }

    @ParameterizedTest
    @CsvSource({"F32, NCHW", "F32, NHWC"})
    void gradientsAreTheDerivativesOfTheLoss(DataType type, Layout layout) {
        try (CudaDevice device = standIn.device();
                StepKernel kernel = device.step(step(type, layout), STILL)) {
            for (String name : PARAMETERS) {
                loss(kernel, type);
                DeviceMemory memory = kernel.memory(name);
                int count = (int) (memory.bytes() / Float.BYTES);
                float[] gradient = Numbers.read(kernel.memory(name + ".grad"), type, count);
                float[] values = Numbers.read(memory, type, count);
                for (int i = 0; i < count; i += Math.max(1, count / 3)) {
                    float original = values[i];
                    values[i] = original + 0.002f;
                    Numbers.write(memory, type, values);
                    double above = loss(kernel, type);
                    values[i] = original - 0.002f;
                    Numbers.write(memory, type, values);
                    double below = loss(kernel, type);
                    values[i] = original;
                    Numbers.write(memory, type, values);
                    // Losses of about one have an error of 1e-7, and ReLU's bends count to the first order.
                    assertThat((above - below) / 0.004)
                            .as(name + " " + i)
                            .isCloseTo(gradient[i], within(1e-3 + 0.02 * Math.abs(gradient[i])));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"F32, NCHW", "F32, NHWC", "F16, NHWC", "BF16, NHWC"})
    void theOptimizerBringsTheLossDown(DataType type, Layout layout) {
        try (CudaDevice device = standIn.device();
                StepKernel kernel = device.step(step(type, layout), new SgdRule(0.9, 1e-4, 0.05))) {
            double first = loss(kernel, type);
            for (int i = 0; i < 60; i++) {
                kernel.launch();
            }
            assertThat(loss(kernel, type)).isLessThan(0.5 * first);
        }
    }

    @Test
    void aStepTakesTheTimeOfItsLaunches() {
        standIn.world("launch_seconds 0", "node_seconds 1e-3", "macs_per_second 1e12", "bytes_per_second 1e12");
        try (CudaDevice device = standIn.device();
                StepKernel kernel = device.step(step(DataType.F32, Layout.NCHW), STILL)) {
            // 20 instructions; two more for the loss, one for each use of a bias, one for what the map's gradient
            // leaves
            // out, two for the optimizer; data takes microseconds.
            assertThat(device.secondsPerLaunch(kernel, 4)).isCloseTo(29e-3, within(1e-4));
        }
    }

    @Test
    void aProgramWhoseBuffersDoNotFitIsRefused() {
        Program p = new Program(DataType.F32, Layout.NCHW);
        p.add(new Linear(2, 3, 4), Pass.FORWARD, List.of("x", "w", "b"), List.of("y"));
        p.add(new Linear(2, 5, 4), Pass.FORWARD, List.of("y", "w2", "b2"), List.of("z"));
        List<Buffer> buffers = new ArrayList<>();
        for (String name : List.of("x", "w", "b", "y", "w2", "b2", "z")) {
            buffers.add(new Buffer(name, Role.ACTIVATION, List.of(1)));
        }
        StepProgram program = new StepProgram("wrong", StepProgram.Kind.INFERENCE, 2, p.instructions, buffers);
        try (CudaDevice device = standIn.device()) {
            assertThatThrownBy(() -> device.open(program))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("buffer y");
        }
    }
}
