package org.secateur.profilers.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.secateur.profilers.libtorch.OneLaunch.assertClose;
import static org.secateur.profilers.libtorch.OneLaunch.doubles;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.profilers.core.reference.Twins;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Layout;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.BatchNorm;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.IndexMap;
import org.secateur.results.core.Operation.Linear;
import org.secateur.results.core.Operation.Operand;
import org.secateur.results.core.Operation.Pad;
import org.secateur.results.core.Operation.Pooling;
import org.secateur.results.core.Operation.PoolingKind;
import org.secateur.results.core.Operation.SoftmaxLoss;
import org.secateur.results.core.Pass;

/** Every launch against its slow twin. */
@Tag("native")
class LaunchesTest {
    private static final Extent ONE = Extent.of(1);
    private static final Extent ZERO = Extent.of(0);

    /** The layout of all tensors; another class has the other. */
    Layout layout() {
        return Layout.NCHW;
    }

    @BeforeAll
    static void load() {
        LibTorch.load(2);
    }

    private OneLaunch launch(Operation operation, Pass pass) {
        OneLaunch launch = OneLaunch.of(operation, pass, new TensorFormat(DataType.F32, layout()));
        // The gradients of a mean's pixels and of a concatenation's parts are views, those of weights are only added
        // up.
        boolean anyLayout = pass != Pass.FORWARD
                && (operation instanceof Pooling
                        || operation instanceof Operation.Concat
                        || pass == Pass.BACKWARD_WEIGHTS);
        assertThat(launch.inLayout() || anyLayout)
                .as("%s %s in %s", pass, operation, layout())
                .isTrue();
        return launch;
    }

    static Stream<Convolution> convolutions() {
        return Stream.of(
                new Convolution(3, 4, 7, 6, 5, 3, 3, ONE, ONE, ONE, 1),
                new Convolution(2, 3, 9, 8, 4, 3, 3, Extent.of(2), ONE, ONE, 1),
                new Convolution(2, 4, 9, 9, 6, 3, 2, new Extent(2, 1), new Extent(2, 0), new Extent(2, 3), 2),
                new Convolution(2, 6, 5, 5, 6, 3, 3, ONE, ONE, ONE, 6),
                new Convolution(1, 5, 4, 4, 7, 1, 1, Extent.of(2), ZERO, ONE, 1));
    }

    @ParameterizedTest
    @MethodSource("convolutions")
    void aConvolutionMatchesItsTwinInAllPasses(Convolution o) {
        OneLaunch forward = launch(o, Pass.FORWARD);
        assertClose(
                forward.made().get(0),
                Twins.convolution(o, forward.before().get(0), forward.before().get(1)));
        OneLaunch data = launch(o, Pass.BACKWARD_DATA);
        assertClose(
                data.made().get(0),
                Twins.convolutionData(o, data.before().get(2), data.before().get(1)));
        OneLaunch weights = launch(o, Pass.BACKWARD_WEIGHTS);
        double[] dw = Twins.convolutionWeights(
                o, weights.before().get(0), weights.before().get(2));
        assertClose(weights.made().get(0), dw);
        assertClose(weights.after().get(3), dw);
    }

    @Test
    void aLinearLayerMatchesItsTwinInAllPasses() {
        Linear o = new Linear(4, 7, 3);
        OneLaunch forward = launch(o, Pass.FORWARD);
        float[] x = forward.before().get(0);
        float[] w = forward.before().get(1);
        double[] y = Twins.product(4, 7, 3, (i, k) -> x[i * 7 + k], (k, j) -> w[j * 7 + k]);
        for (int i = 0; i < y.length; i++) {
            y[i] += forward.before().get(2)[i % 3];
        }
        assertClose(forward.made().get(0), y);
        OneLaunch data = launch(o, Pass.BACKWARD_DATA);
        float[] v = data.before().get(1);
        float[] dy = data.before().get(3);
        assertClose(data.made().get(0), Twins.product(4, 3, 7, (i, k) -> dy[i * 3 + k], (k, j) -> v[k * 7 + j]));
        OneLaunch weights = launch(o, Pass.BACKWARD_WEIGHTS);
        float[] u = weights.before().get(0);
        float[] dz = weights.before().get(3);
        assertClose(weights.after().get(4), Twins.product(3, 4, 7, (i, k) -> dz[k * 3 + i], (k, j) -> u[k * 7 + j]));
        assertClose(weights.after().get(5), Twins.product(1, 4, 3, (i, k) -> 1, (k, j) -> dz[k * 3 + j]));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void batchNormMatchesItsTwinForwardAndBackward(boolean training) {
        BatchNorm o = new BatchNorm(3, 4, 5, 2, training);
        OneLaunch forward = launch(o, Pass.FORWARD);
        List<float[]> b = forward.before();
        double[][] batch = Twins.moments(o, b.get(0));
        double[][] used = training ? batch : new double[][] {doubles(b.get(3)), doubles(b.get(4))};
        assertClose(forward.made().get(0), Twins.batchNorm(o, b.get(0), b.get(1), b.get(2), used[0], used[1]));
        for (int c = 0; c < 4; c++) {
            double unbiased = batch[1][c] * 30 / 29;
            double[] expected = training
                    ? new double[] {0.9 * b.get(3)[c] + 0.1 * batch[0][c], 0.9 * b.get(4)[c] + 0.1 * unbiased}
                    : new double[] {b.get(3)[c], b.get(4)[c]};
            assertClose(new float[] {forward.after().get(3)[c], forward.after().get(4)[c]}, expected);
        }
        OneLaunch backward = launch(o, Pass.BACKWARD);
        List<float[]> d = backward.before();
        double[][] moments = training
                ? Twins.moments(o, d.get(0))
                // The buffers were drawn anew; inference changes none of them.
                : new double[][] {doubles(d.get(3)), doubles(d.get(4))};
        double[][] gradients = Twins.batchNormBackward(o, d.get(0), d.get(1), d.get(5), moments[0], moments[1]);
        assertClose(backward.made().get(0), gradients[0]);
        assertClose(backward.after().get(6), gradients[1]);
        assertClose(backward.after().get(7), gradients[2]);
    }

    static Stream<Pooling> pools() {
        Pooling dilated =
                new Pooling(2, 3, 9, 6, PoolingKind.MAX, new Extent(3, 2), Extent.of(2), ONE, true, new Extent(2, 3));
        Stream<Pooling> plain = Stream.of(PoolingKind.values())
                .flatMap(kind -> Stream.of(
                        new Pooling(2, 3, 6, 8, kind, Extent.of(2), Extent.of(2), ZERO, false),
                        new Pooling(2, 3, 6, 6, kind, Extent.of(3), Extent.of(2), ONE, true),
                        new Pooling(2, 3, 7, 7, kind, Extent.of(3), Extent.of(2), ONE, false),
                        new Pooling(2, 3, 8, 6, kind, Extent.of(3), Extent.of(2), ZERO, true),
                        new Pooling(2, 3, 1, 3, kind, Extent.of(2), Extent.of(2), ZERO, true),
                        new Pooling(2, 3, 5, 4, kind, new Extent(5, 4), new Extent(5, 4), ZERO, false)));
        return Stream.concat(plain, Stream.of(dilated));
    }

    @ParameterizedTest
    @MethodSource("pools")
    void aPoolMatchesItsTwinForwardAndBackward(Pooling o) {
        OneLaunch forward = launch(o, Pass.FORWARD);
        float[] x = forward.before().get(0);
        assertClose(
                forward.made().get(0),
                Twins.pooling(o, x, new float[o.n() * o.c() * o.outputHeight() * o.outputWidth()])[0]);
        OneLaunch backward = launch(o, Pass.BACKWARD);
        assertClose(
                backward.made().get(0),
                Twins.pooling(o, backward.before().get(0), backward.before().get(1))[1]);
    }

    @Test
    void aPadMatchesItsTwinForwardAndBackward() {
        Pad o = new Pad(2, 3, 4, 5, new Extent(0, 1), new Extent(2, 3));
        OneLaunch forward = launch(o, Pass.FORWARD);
        float[] none = new float[2 * 3 * 6 * 9];
        assertClose(forward.made().get(0), Twins.pad(o, forward.before().get(0), none)[0]);
        OneLaunch backward = launch(o, Pass.BACKWARD);
        assertClose(
                backward.made().get(0),
                Twins.pad(o, backward.before().get(0), backward.before().get(1))[1]);
    }

    static Stream<IndexMap> maps() {
        return Stream.of(
                new IndexMap(2, 4, 5, 6, 8, 4, Extent.of(2)),
                new IndexMap(2, 4, 5, 6, 9, 3, Extent.of(2)),
                new IndexMap(2, 5, 4, 4, 3, 3, ONE),
                new IndexMap(2, 4, 4, 4, 4, 4, ONE),
                new IndexMap(2, 4, 4, 4, 6, 1, new Extent(1, 3)),
                new IndexMap(2, 3, 4, 4, 6, 5, ONE),
                new IndexMap(2, 4, 4, 4, 2, 0, ONE));
    }

    @ParameterizedTest
    @MethodSource("maps")
    void anIndexMapMatchesItsTwinForwardAndBackward(IndexMap o) {
        List<Integer> sources = PixelLaunches.sources(o);
        assertThat(sources).hasSize(o.k());
        assertThat(sources.stream().filter(s -> s >= 0)).hasSize(o.mapped());
        OneLaunch forward = launch(o, Pass.FORWARD);
        float[] none = new float[o.n() * o.k() * o.outputHeight() * o.outputWidth()];
        assertClose(
                forward.made().get(0),
                Twins.indexMap(o, sources, forward.before().get(0), none)[0]);
        OneLaunch backward = launch(o, Pass.BACKWARD);
        assertClose(
                backward.made().get(0),
                Twins.indexMap(
                        o, sources, backward.before().get(0), backward.before().get(1))[1]);
    }

    static Stream<ActivationKind> kinds() {
        return Stream.of(
                ActivationKind.RELU,
                ActivationKind.RELU6,
                new ActivationKind(-0.5, 0.75),
                new ActivationKind(Double.NEGATIVE_INFINITY, 0.5),
                new ActivationKind(0.25, Double.POSITIVE_INFINITY));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void anActivationKeepsWhatIsWithinItsBounds(ActivationKind kind) {
        float least = (float) kind.least();
        float most = (float) kind.most();
        Operation o = new Operation.Activation(2, 3, 4, 5, kind);
        OneLaunch forward = launch(o, Pass.FORWARD);
        float[] x = forward.before().get(0);
        for (int i = 0; i < x.length; i++) {
            assertThat(forward.made().get(0)[i]).isEqualTo(Math.min(most, Math.max(x[i], least)));
        }
        OneLaunch backward = launch(o, Pass.BACKWARD);
        for (int i = 0; i < x.length; i++) {
            float at = backward.before().get(0)[i];
            float expected = at > least && at < most ? backward.before().get(1)[i] : 0;
            assertThat(backward.made().get(0)[i]).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("operands")
    void anAdditionAddsItsOperandToEveryImage(Operand operand) {
        OneLaunch forward = launch(new Operation.Add(2, 3, 4, 5, operand), Pass.FORWARD);
        float[] x = forward.before().get(0);
        float[] y = forward.before().get(1);
        double[] expected = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            int j = switch (operand) {
                case TENSOR -> i;
                case CHANNEL -> i / 20 % 3;
                case MAP -> i % 60;
            };
            expected[i] = (double) x[i] + y[j];
        }
        assertClose(forward.made().get(0), expected);
    }

    static Stream<Operand> operands() {
        return Stream.of(Operand.values());
    }

    @Test
    void aConcatenationPutsChannelsOneAfterTheOther() {
        Operation o = new Operation.Concat(2, List.of(1, 3), 2, 2);
        OneLaunch forward = launch(o, Pass.FORWARD);
        float[] first = forward.before().get(0);
        float[] second = forward.before().get(1);
        float[] y = forward.made().get(0);
        assertThat(Arrays.copyOfRange(y, 16, 20)).containsExactly(Arrays.copyOfRange(first, 4, 8));
        assertThat(Arrays.copyOfRange(y, 20, 32)).containsExactly(Arrays.copyOfRange(second, 12, 24));
        OneLaunch backward = launch(o, Pass.BACKWARD);
        float[] dy = backward.before().get(2);
        assertThat(Arrays.copyOfRange(backward.made().get(1), 12, 24)).containsExactly(Arrays.copyOfRange(dy, 20, 32));
    }

    @Test
    void theLossMatchesItsTwinForwardAndBackward() {
        Operation o = new SoftmaxLoss(5, 4);
        OneLaunch forward = launch(o, Pass.FORWARD);
        double[] expected = Twins.softmaxLoss(
                5, 4, forward.before().get(0), forward.labels().get(0));
        assertClose(forward.made().get(0), new double[] {expected[0]});
        OneLaunch backward = launch(o, Pass.BACKWARD);
        double[] again = Twins.softmaxLoss(
                5, 4, backward.before().get(0), backward.labels().get(0));
        assertClose(backward.made().get(0), Arrays.copyOfRange(again, 1, again.length));
    }

    @Test
    void anOptimizerStepMovesWeightsByTheirMomenta() {
        OneLaunch update = launch(new Operation.OptimizerStep(10, 3), Pass.UPDATE);
        double[] weights = new double[10];
        double[] momenta = new double[10];
        for (int i = 0; i < 10; i++) {
            float w = update.before().get(0)[i];
            momenta[i] = 0.9 * update.before().get(2)[i] + update.before().get(1)[i] + 5e-4 * w;
            weights[i] = w - 1e-6 * momenta[i];
        }
        assertClose(update.after().get(2), momenta);
        assertClose(update.after().get(0), weights);
    }

    /** Operands and results are rounded to eight bits each, about four thousandths of the largest. */
    @ParameterizedTest
    @MethodSource("convolutions")
    void aConvolutionInBrainFloatMatchesItsTwinRoughly(Convolution o) {
        TensorFormat format = new TensorFormat(DataType.BF16, layout());
        OneLaunch forward = OneLaunch.of(o, Pass.FORWARD, format);
        assertRoughlyClose(
                forward.made().get(0),
                Twins.convolution(o, forward.before().get(0), forward.before().get(1)));
        OneLaunch data = OneLaunch.of(o, Pass.BACKWARD_DATA, format);
        assertRoughlyClose(
                data.made().get(0),
                Twins.convolutionData(o, data.before().get(2), data.before().get(1)));
        OneLaunch weights = OneLaunch.of(o, Pass.BACKWARD_WEIGHTS, format);
        double[] dw = Twins.convolutionWeights(
                o, weights.before().get(0), weights.before().get(2));
        assertRoughlyClose(weights.made().get(0), dw);
        assertRoughlyClose(weights.after().get(3), dw);
    }

    @Test
    void aLinearLayerAndItsLossInBrainFloatMatchTheirTwinsRoughly() {
        TensorFormat format = new TensorFormat(DataType.BF16, layout());
        Linear o = new Linear(4, 7, 3);
        OneLaunch data = OneLaunch.of(o, Pass.BACKWARD_DATA, format);
        float[] v = data.before().get(1);
        float[] dy = data.before().get(3);
        assertRoughlyClose(data.made().get(0), Twins.product(4, 3, 7, (i, k) -> dy[i * 3 + k], (k, j) -> v[k * 7 + j]));
        OneLaunch weights = OneLaunch.of(o, Pass.BACKWARD_WEIGHTS, format);
        float[] u = weights.before().get(0);
        float[] dz = weights.before().get(3);
        assertRoughlyClose(
                weights.after().get(4), Twins.product(3, 4, 7, (i, k) -> dz[k * 3 + i], (k, j) -> u[k * 7 + j]));
        OneLaunch loss = OneLaunch.of(new SoftmaxLoss(5, 4), Pass.FORWARD, format);
        double[] expected =
                Twins.softmaxLoss(5, 4, loss.before().get(0), loss.labels().get(0));
        assertClose(loss.made().get(0), new double[] {expected[0]}); // logits are F32
    }

    private static void assertRoughlyClose(float[] actual, double[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        for (int i = 0; i < actual.length; i++) {
            assertThat((double) actual[i]).as("element %d", i).isCloseTo(expected[i], within(0.02 * (1 + largest)));
        }
    }
}
