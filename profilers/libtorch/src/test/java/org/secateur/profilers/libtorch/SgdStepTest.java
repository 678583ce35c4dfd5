package org.secateur.profilers.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("native")
class SgdStepTest {
    @BeforeAll
    static void load() {
        LibTorch.load(2);
    }

    @Test
    void threeStepsGiveWhatAHandLoopGives() {
        Random random = new Random(5);
        double momentum = 0.9;
        double decay = 0.01;
        double rate = 0.1;
        float[] w = new float[14];
        double[] expected = new double[14];
        double[] velocity = new double[14];
        for (int i = 0; i < w.length; i++) {
            w[i] = (float) random.nextGaussian();
            expected[i] = w[i];
        }
        try (FlatParameters parameters =
                new FlatParameters(List.of(new long[] {2, 3}, new long[] {8}), TensorFormat.DEFAULT)) {
            HostTensors.fill(parameters.values(), w);
            for (int step = 0; step < 3; step++) {
                float[] g = new float[14];
                for (int i = 0; i < g.length; i++) {
                    g[i] = (float) random.nextGaussian();
                    velocity[i] = momentum * velocity[i] + g[i] + decay * expected[i];
                    expected[i] -= rate * velocity[i];
                }
                HostTensors.fill(parameters.gradients(), g);
                new SgdStep(momentum, decay).apply(parameters, rate);
            }
            float[] actual = HostTensors.floats(parameters.values());
            for (int i = 0; i < actual.length; i++) {
                // Three steps of about four roundings each on values near 1.
                assertThat((double) actual[i]).isCloseTo(expected[i], within(2e-6));
            }
            assertThat(HostTensors.floats(parameters.gradients())).containsOnly(0f);
            assertThat(HostTensors.floats(parameters.parameter(1))).containsExactly(Arrays.copyOfRange(actual, 6, 14));
        }
    }

    @Test
    void backwardAddsIntoTheFlatGradients() {
        try (FlatParameters parameters =
                new FlatParameters(List.of(new long[] {2}, new long[] {3}), TensorFormat.DEFAULT)) {
            for (int pass = 1; pass <= 2; pass++) {
                parameters
                        .parameter(1)
                        .sum()
                        .add(parameters.parameter(0).sum().mul(new Scalar(2f)))
                        .backward();
                assertThat(HostTensors.floats(parameters.gradients()))
                        .containsExactly(2f * pass, 2f * pass, pass, pass, pass);
            }
        }
    }

    @Test
    void whatIsOnlyReadTakesNoMoreThanItsValues() {
        List<long[]> shapes = List.of(new long[] {2, 3}, new long[] {8});
        try (FlatParameters read = FlatParameters.readOnly(shapes, TensorFormat.DEFAULT)) {
            assertThat(read.values().numel()).isEqualTo(14);
            assertThat(read.gradients().numel() + read.momenta().numel()).isZero();
            assertThat(read.parameter(1).requires_grad()).isFalse();
        }
    }

    @Test
    void aMomentumOfOneIsRefused() {
        assertThatThrownBy(() -> new SgdStep(1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SgdStep(0.9, -1)).isInstanceOf(IllegalArgumentException.class);
    }
}
