package org.secateur.profilers.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;
import org.secateur.results.core.SecateurException;

/** The small network of {@link StepKernelTest} with numbers of the test's own. */
@Tag("native")
@SuppressWarnings("NullAway.Init") // set before each test
class CudaStepTest {
    /** With it, momenta after a step are the gradients of that step, and weights stay. */
    private static final SgdRule STILL = new SgdRule(0, 0, 0);

    private static final String WEIGHT = "conv2.weight";
    private static final int OUTPUTS = 6;
    private static final int INPUTS = 4;
    private static final int KERNEL = 9;
    private static final GroupLasso LASSO = new GroupLasso(
            List.of(
                    new GroupLasso.Piece(WEIGHT, 0, 1, OUTPUTS, INPUTS * KERNEL),
                    new GroupLasso.Piece(WEIGHT, 0, OUTPUTS, INPUTS, KERNEL)),
            1e-8);

    private StandIn standIn;

    @BeforeEach
    void world() {
        standIn = StandIn.loaded();
        standIn.world();
    }

    @AfterEach
    void nothingIsLeft() {
        standIn.world();
        assertThat(standIn.live()).isZero();
    }

    private static CudaStep open(CudaDevice device, GroupLasso lasso) {
        return device.open(StepKernelTest.step(DataType.F32, Layout.NCHW), LayerNumbers.NONE, lasso);
    }

    private static float[] gradient(CudaStep step, double lambda) {
        step.train(STILL, lambda);
        step.await();
        return step.read(WEIGHT + ".momentum");
    }

    /** An output channel of zeros included, where only the smoothing keeps the gradient finite. */
    @Test
    void theLassoAddsTheGradientOfItsDefinition() {
        try (CudaDevice device = standIn.device();
                CudaStep step = open(device, LASSO)) {
            float[] weights = step.read(WEIGHT);
            java.util.Arrays.fill(weights, 0, INPUTS * KERNEL, 0);
            step.write(WEIGHT, weights);
            float[] plain = gradient(step, 0);
            for (double lambda : new double[] {0.3, 0.05, 0.3}) {
                float[] with = gradient(step, lambda);
                for (int i = 0; i < weights.length; i++) {
                    int output = i / (INPUTS * KERNEL);
                    int input = i / KERNEL % INPUTS;
                    double pull = 1 / norm(weights, output, -1) + 1 / norm(weights, -1, input);
                    assertThat((double) with[i] - plain[i])
                            .as("lambda %s, weight %d", lambda, i)
                            .isCloseTo(lambda * weights[i] * pull, within(1e-6));
                }
            }
            assertThat(gradient(step, 0)).isEqualTo(plain);
            assertThat(step.read(WEIGHT)).isEqualTo(weights);
        }
    }

    /** Of an output channel or, where that is -1, of an input channel. */
    private static double norm(float[] weights, int output, int input) {
        double sum = 1e-8;
        for (int i = 0; i < weights.length; i++) {
            if (i / (INPUTS * KERNEL) == output || i / KERNEL % INPUTS == input) {
                sum += (double) weights[i] * weights[i];
            }
        }
        return Math.sqrt(sum);
    }

    @Test
    void eachStepHasARuleOfItsOwn() {
        try (CudaDevice device = standIn.device();
                CudaStep step = open(device, GroupLasso.NONE)) {
            for (SgdRule rule : List.of(
                    new SgdRule(0.9, 0.01, 0.1), new SgdRule(0.9, 0.01, 0.02), new SgdRule(0.5, 0, 0.3), STILL)) {
                float[] before = step.read("fc.weight");
                float[] momentum = step.read("fc.weight.momentum");
                step.train(rule, 0);
                step.await();
                float[] gradient = step.read("fc.weight.grad");
                float[] after = step.read("fc.weight");
                for (int i = 0; i < before.length; i++) {
                    double velocity = rule.momentum() * momentum[i] + gradient[i] + rule.weightDecay() * before[i];
                    assertThat((double) after[i])
                            .as("%s, weight %d", rule, i)
                            .isCloseTo(before[i] - rule.rate() * velocity, within(1e-6));
                }
            }
        }
    }

    @Test
    void indexMapsCopyTheChannelsThatTheyAreTold() {
        List<Integer> sources = List.of(-1, 2, 0, -1, 1, 3);
        try (CudaDevice device = standIn.device();
                CudaStep step = device.open(
                        StepKernelTest.step(DataType.F32, Layout.NCHW),
                        new LayerNumbers(Map.of("layer", sources), Map.of()),
                        GroupLasso.NONE)) {
            step.run();
            float[] from = step.read("relu");
            float[] to = step.read("map");
            for (int i = 0; i < to.length; i++) {
                int n = i / (6 * 9);
                int source = sources.get(i / 9 % 6);
                int pixel = 2 * (i / 3 % 3) * 6 + 2 * (i % 3);
                float expected = source < 0 ? 0 : from[(n * 4 + source) * 36 + pixel];
                assertThat(to[i]).as("element %d", i).isEqualTo(expected);
            }
        }
    }

    /** The gradients of a channel that is copied twice add up. */
    @Test
    void aChannelWithTwoCopiesGetsBothGradients() {
        List<Integer> sources = List.of(0, 0, 1, 2, -1, -1);
        try (CudaDevice device = standIn.device();
                CudaStep step = device.open(
                        StepKernelTest.step(DataType.F32, Layout.NCHW),
                        new LayerNumbers(Map.of("layer", sources), Map.of()),
                        GroupLasso.NONE)) {
            step.run();
            float[] out = step.read("sum.grad");
            float[] others = step.read("relu.grad.conv2");
            float[] in = step.read("relu.grad");
            for (int i = 0; i < in.length; i++) {
                int pixel = i % 36;
                double expected = others[i];
                if (pixel / 6 % 2 == 0 && pixel % 6 % 2 == 0) {
                    for (int k = 0; k < sources.size(); k++) {
                        if (sources.get(k) == i / 36 % 4) {
                            expected += out[(i / 144 * 6 + k) * 9 + pixel / 12 * 3 + pixel % 6 / 2];
                        }
                    }
                }
                assertThat((double) in[i]).as("element %d", i).isCloseTo(expected, within(1e-6));
            }
        }
    }

    /** Groups of one weight, where there is nothing to sum. */
    @Test
    void theLassoOfSinglesIsTheirSign() {
        GroupLasso singles = new GroupLasso(List.of(new GroupLasso.Piece("fc.bias", 0, 1, 3, 1)), 1e-8);
        try (CudaDevice device = standIn.device();
                CudaStep step = open(device, singles)) {
            step.write("fc.bias", new float[] {0.5f, -2, 0});
            step.train(STILL, 0);
            step.await();
            float[] plain = step.read("fc.bias.momentum");
            step.train(STILL, 0.3);
            step.await();
            float[] with = step.read("fc.bias.momentum");
            assertThat((double) with[0] - plain[0]).isCloseTo(0.3, within(1e-6));
            assertThat((double) with[1] - plain[1]).isCloseTo(-0.3, within(1e-6));
            assertThat((double) with[2] - plain[2]).isCloseTo(0, within(1e-6));
        }
    }

    @Test
    void aMapThatDoesNotFitIsRefused() {
        try (CudaDevice device = standIn.device()) {
            assertThatThrownBy(() -> device.open(
                            StepKernelTest.step(DataType.F32, Layout.NCHW),
                            new LayerNumbers(Map.of("layer", List.of(0, 1)), Map.of()),
                            GroupLasso.NONE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("layer maps channels [0, 1]");
        }
    }

    @Test
    void numbersThatDoNotFitAreRefused() {
        try (CudaDevice device = standIn.device();
                CudaStep step = open(device, GroupLasso.NONE)) {
            assertThatThrownBy(() -> step.write("fc.bias", new float[4])).hasMessageContaining("expected 3");
            assertThatThrownBy(() -> step.read("nothing")).hasMessageContaining("buffer nothing");
        }
    }

    @Test
    void numbersAreCopiedFromStepToStep() {
        try (CudaDevice device = standIn.device();
                CudaStep first = open(device, GroupLasso.NONE);
                CudaStep second = open(device, GroupLasso.NONE)) {
            first.train(new SgdRule(0.9, 0, 0.1), 0);
            for (String name : StepKernelTest.PARAMETERS) {
                second.copy(first, name);
                assertThat(second.read(name)).as(name).isEqualTo(first.read(name));
            }
        }
    }

    @Test
    void theLassoIsTimedApart() {
        standIn.world("launch_seconds 0", "node_seconds 1e-3", "macs_per_second 1e12", "bytes_per_second 1e12");
        try (CudaDevice device = standIn.device();
                CudaStep step = open(device, LASSO)) {
            step.train(STILL, 0);
            CudaStep.Times without = step.await();
            step.train(STILL, 1);
            CudaStep.Times with = step.await();
            assertThat(without.regulariserSeconds()).isCloseTo(0, within(1e-5));
            // Of the step's 29 launches the optimizer's two are no part of a graph; three launches for each piece.
            assertThat(without.stepSeconds()).isCloseTo(27e-3, within(1e-4));
            assertThat(with.stepSeconds()).isCloseTo(without.stepSeconds(), within(1e-4));
            assertThat(with.regulariserSeconds()).isCloseTo(6e-3, within(1e-4));
        }
    }

    @ParameterizedTest
    @CsvSource({"out_of_memory, 7", "launch_failed, 101", "device_lost, 211", "capture, 1", "graph, 1"})
    void aFaultAnywhereLeavesNothingBehind(String fault, int stride) {
        boolean struck = true;
        for (int at = 1; struck; at += stride) {
            standIn.world("fault." + fault + " " + at);
            try (CudaDevice device = standIn.device();
                    CudaStep step = open(device, LASSO)) {
                step.train(STILL, 0.1);
                step.await();
                step.train(STILL, 0.2);
                step.await();
                struck = false;
            } catch (SecateurException e) {
                assertThat(e.what()).contains("failed with");
            }
            assertThat(standIn.live()).as(fault + " " + at).isZero();
        }
    }
}
