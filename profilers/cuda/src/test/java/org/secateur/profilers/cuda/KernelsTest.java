package org.secateur.profilers.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.secateur.profilers.cuda.OneLaunch.doubles;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.secateur.profilers.core.reference.Twins;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Operation.Activation;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.Add;
import org.secateur.results.core.Operation.BatchNorm;
import org.secateur.results.core.Operation.Concat;
import org.secateur.results.core.Operation.IndexMap;
import org.secateur.results.core.Operation.Linear;
import org.secateur.results.core.Operation.Operand;
import org.secateur.results.core.Operation.OptimizerStep;
import org.secateur.results.core.Operation.Pad;
import org.secateur.results.core.Operation.Pooling;
import org.secateur.results.core.Operation.PoolingKind;
import org.secateur.results.core.Operation.SoftmaxLoss;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Regime;
import org.secateur.results.core.Request;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;

/** Every kernel but convolutions on the stand-in against its slow twin, in the layouts and types it has. */
@Tag("native")
@SuppressWarnings("NullAway.Init") // set before each test
class KernelsTest {
    private static final Extent ONE = Extent.of(1);
    private static final Extent ZERO = Extent.of(0);

    private StandIn standIn;
    private CudaDevice device;

    @BeforeEach
    void open() {
        standIn = StandIn.loaded();
        standIn.world();
        device = standIn.device();
    }

    @AfterEach
    void close() {
        device.close();
        assertThat(standIn.live()).isZero();
    }

    private OneLaunch launch(Operation operation, Pass pass, DataType type, Layout layout) {
        return OneLaunch.of(device, operation, pass, type, layout);
    }

    static Stream<Arguments> numerics() {
        return Stream.of(DataType.values())
                .flatMap(type -> Stream.of(Layout.values()).map(layout -> Arguments.of(type, layout)));
    }

    @ParameterizedTest
    @MethodSource("numerics")
    void aLinearLayerMatchesItsTwinInAllPasses(DataType type, Layout layout) {
        Linear o = new Linear(4, 7, 3);
        OneLaunch forward = launch(o, Pass.FORWARD, type, layout);
        float[] x = forward.before().get(0);
        float[] w = forward.before().get(1);
        double[] y = Twins.product(4, 7, 3, (i, k) -> x[i * 7 + k], (k, j) -> w[j * 7 + k]);
        for (int i = 0; i < y.length; i++) {
            y[i] += forward.before().get(2)[i % 3];
        }
        forward.assertClose(forward.made().get(0), y);
        OneLaunch data = launch(o, Pass.BACKWARD_DATA, type, layout);
        float[] dy = data.before().get(0);
        float[] v = data.before().get(1);
        data.assertClose(data.made().get(0), Twins.product(4, 3, 7, (i, k) -> dy[i * 3 + k], (k, j) -> v[k * 7 + j]));
        OneLaunch weights = launch(o, Pass.BACKWARD_WEIGHTS, type, layout);
        float[] u = weights.before().get(0);
        float[] dz = weights.before().get(1);
        weights.assertClose(
                weights.made().get(0), Twins.product(3, 4, 7, (i, k) -> dz[k * 3 + i], (k, j) -> u[k * 7 + j]));
        weights.assertClose(weights.made().get(1), Twins.product(1, 4, 3, (i, k) -> 1, (k, j) -> dz[k * 3 + j]));
    }

    @ParameterizedTest
    @MethodSource("numerics")
    void aBatchNormInTrainingMatchesItsTwin(DataType type, Layout layout) {
        BatchNorm o = new BatchNorm(3, 4, 5, 2, true);
        int[] shape = {3, 4, 5, 2};
        OneLaunch forward = launch(o, Pass.FORWARD, type, layout);
        List<float[]> b = forward.before();
        float[] x = forward.before(0, shape);
        double[][] batch = Twins.moments(o, x);
        forward.assertClose(forward.made(0, shape), Twins.batchNorm(o, x, b.get(1), b.get(2), batch[0], batch[1]));
        OneLaunch.assertClose(forward.made().get(1), batch[0], 1e-5);
        double[] inverse =
                Arrays.stream(batch[1]).map(v -> 1 / Math.sqrt(v + 1e-5)).toArray();
        OneLaunch.assertClose(forward.made().get(2), inverse, 1e-5);
        for (int c = 0; c < 4; c++) {
            double unbiased = batch[1][c] * 30 / 29;
            double[] expected = {0.9 * b.get(3)[c] + 0.1 * batch[0][c], 0.9 * b.get(4)[c] + 0.1 * unbiased};
            float[] running = {forward.after().get(3)[c], forward.after().get(4)[c]};
            OneLaunch.assertClose(running, expected, 1e-5);
        }
        OneLaunch backward = launch(o, Pass.BACKWARD, type, layout);
        float[] z = backward.before(0, shape);
        double[][] moments = Twins.moments(o, z);
        double[][] gradients = Twins.batchNormBackward(
                o, z, backward.before().get(2), backward.before(1, shape), moments[0], moments[1]);
        backward.assertClose(backward.made(0, shape), gradients[0]);
        OneLaunch.assertClose(backward.made().get(1), gradients[1], 1e-5);
        OneLaunch.assertClose(backward.made().get(2), gradients[2], 1e-5);
    }

    @ParameterizedTest
    @MethodSource("numerics")
    void aBatchNormInInferenceUsesTheRunningStatistics(DataType type, Layout layout) {
        BatchNorm o = new BatchNorm(3, 4, 5, 2, false);
        int[] shape = {3, 4, 5, 2};
        OneLaunch forward = launch(o, Pass.FORWARD, type, layout);
        List<float[]> b = forward.before();
        double[] y =
                Twins.batchNorm(o, forward.before(0, shape), b.get(1), b.get(2), doubles(b.get(3)), doubles(b.get(4)));
        forward.assertClose(forward.made(0, shape), y);
    }

    static Stream<Arguments> pools() {
        return Stream.of(PoolingKind.values())
                .flatMap(kind -> Stream.of(
                        new Pooling(2, 3, 6, 8, kind, Extent.of(2), Extent.of(2), ZERO, false),
                        new Pooling(2, 3, 7, 7, kind, Extent.of(3), Extent.of(2), ONE, false),
                        new Pooling(2, 3, 5, 4, kind, new Extent(5, 4), new Extent(5, 4), ZERO, false),
                        new Pooling(2, 3, 8, 6, kind, Extent.of(3), Extent.of(2), ZERO, true),
                        new Pooling(2, 3, 7, 8, kind, Extent.of(3), Extent.of(2), ZERO, true),
                        new Pooling(2, 3, 6, 7, kind, Extent.of(3), new Extent(2, 3), ONE, true),
                        new Pooling(2, 3, 2, 3, kind, Extent.of(3), Extent.of(2), ZERO, true)))
                .filter(o -> o.kind() != PoolingKind.PADDED_AVERAGE
                        || !o.ceil()
                        || o.padding().equals(ZERO))
                .flatMap(pool -> Stream.of(Layout.values()).map(layout -> Arguments.of(pool, layout)));
    }

    @ParameterizedTest
    @MethodSource("pools")
    void aPoolMatchesItsTwinForwardAndBackward(Pooling o, Layout layout) {
        int[] x = {o.n(), o.c(), o.h(), o.w()};
        int[] y = {o.n(), o.c(), o.outputHeight(), o.outputWidth()};
        OneLaunch forward = launch(o, Pass.FORWARD, DataType.F32, layout);
        float[] none = new float[o.n() * o.c() * o.outputHeight() * o.outputWidth()];
        forward.assertClose(forward.made(0, y), Twins.pooling(o, forward.before(0, x), none)[0]);
        OneLaunch backward = launch(o, Pass.BACKWARD, DataType.F32, layout);
        backward.assertClose(backward.made(0, x), Twins.pooling(o, backward.before(0, x), backward.before(2, y))[1]);
    }

    @ParameterizedTest
    @EnumSource(Layout.class)
    void aPadMatchesItsTwinForwardAndBackward(Layout layout) {
        Pad o = new Pad(2, 3, 4, 5, new Extent(0, 1), new Extent(2, 3));
        int[] x = {2, 3, 4, 5};
        int[] y = {2, 3, 6, 9};
        OneLaunch forward = launch(o, Pass.FORWARD, DataType.F32, layout);
        forward.assertClose(forward.made(0, y), Twins.pad(o, forward.before(0, x), new float[324])[0]);
        OneLaunch backward = launch(o, Pass.BACKWARD, DataType.F32, layout);
        backward.assertClose(backward.made(0, x), Twins.pad(o, new float[120], backward.before(0, y))[1]);
    }

    static Stream<Arguments> maps() {
        return Stream.of(
                        new IndexMap(2, 4, 5, 6, 8, 4, Extent.of(2)),
                        new IndexMap(2, 4, 5, 6, 9, 3, Extent.of(2)),
                        new IndexMap(2, 5, 4, 4, 3, 3, ONE),
                        new IndexMap(2, 4, 4, 4, 4, 4, ONE),
                        new IndexMap(2, 4, 4, 4, 6, 1, new Extent(1, 3)),
                        new IndexMap(2, 16, 3, 4, 16, 8, Extent.of(2)),
                        new IndexMap(2, 4, 4, 4, 2, 0, ONE))
                .flatMap(map -> Stream.of(Layout.values()).map(layout -> Arguments.of(map, layout)));
    }

    @ParameterizedTest
    @MethodSource("maps")
    void anIndexMapMatchesItsTwinForwardAndBackward(IndexMap o, Layout layout) {
        List<Integer> sources = PixelPlans.sources(o);
        assertThat(sources.stream().filter(s -> s >= 0)).hasSize(o.mapped());
        int[] x = {o.n(), o.c(), o.h(), o.w()};
        int[] y = {o.n(), o.k(), o.outputHeight(), o.outputWidth()};
        OneLaunch forward = launch(o, Pass.FORWARD, DataType.F32, layout);
        float[] none = new float[o.n() * o.k() * o.outputHeight() * o.outputWidth()];
        forward.assertClose(forward.made(0, y), Twins.indexMap(o, sources, forward.before(0, x), none)[0]);
        OneLaunch backward = launch(o, Pass.BACKWARD, DataType.F32, layout);
        float[] anything = new float[o.n() * o.c() * o.h() * o.w()];
        backward.assertClose(backward.made(0, x), Twins.indexMap(o, sources, anything, backward.before(0, y))[1]);
    }

    @ParameterizedTest
    @MethodSource("numerics")
    void reluKeepsWhatIsPositive(DataType type, Layout layout) {
        Activation o = new Activation(2, 3, 4, 5, ActivationKind.RELU);
        OneLaunch forward = launch(o, Pass.FORWARD, type, layout);
        OneLaunch backward = launch(o, Pass.BACKWARD, type, layout);
        for (int i = 0; i < 120; i++) {
            assertThat(forward.made().get(0)[i])
                    .isEqualTo(Math.max(forward.before().get(0)[i], 0));
            float expected = backward.before().get(0)[i] > 0 ? backward.before().get(1)[i] : 0;
            assertThat(backward.made().get(0)[i]).isEqualTo(expected);
        }
    }

    @Test
    void relu6ClipsAtSixAndLetsNoGradientThroughThere() {
        assertThat(relu6(Pass.FORWARD, new float[] {-1, 3, 6, 8})).containsExactly(0, 3, 6, 6);
        assertThat(relu6(Pass.BACKWARD, new float[] {0, 3, 6, 6}, new float[] {1, 2, 4, 8}))
                .containsExactly(0, 2, 0, 0);
    }

    @Test
    void soDoesAnActivationThatIsCutElsewhere() {
        ActivationKind kind = new ActivationKind(0, 2);
        assertThat(clipped(kind, Pass.FORWARD, new float[] {-1, 1, 2, 8})).containsExactly(0, 1, 2, 2);
        assertThat(clipped(kind, Pass.BACKWARD, new float[] {0, 1, 2, 2}, new float[] {1, 2, 4, 8}))
                .containsExactly(0, 2, 0, 0);
    }

    private float[] relu6(Pass pass, float[]... reads) {
        return clipped(ActivationKind.RELU6, pass, reads);
    }

    private float[] clipped(ActivationKind kind, Pass pass, float[]... reads) {
        Workload workload = Workload.of(new Activation(1, 1, 1, 4, kind), pass);
        try (WorkloadKernel kernel =
                (WorkloadKernel) device.open(new WorkloadKey(workload, Regime.HOT, Request.DEFAULT))) {
            Operands operands = kernel.operands().get(0);
            for (int i = 0; i < reads.length; i++) {
                Numbers.write(operands.read(i), DataType.F32, reads[i]);
            }
            kernel.launch();
            kernel.synchronize();
            return Numbers.read(operands.written(0), DataType.F32, 4);
        }
    }

    static Stream<Arguments> operands() {
        return Stream.of(Operand.values())
                .flatMap(operand -> Stream.of(Layout.values()).map(layout -> Arguments.of(operand, layout)));
    }

    @ParameterizedTest
    @MethodSource("operands")
    void anAdditionAddsItsOperandToEveryImage(Operand operand, Layout layout) {
        OneLaunch forward = launch(new Add(2, 3, 4, 5, operand), Pass.FORWARD, DataType.F32, layout);
        float[] x = forward.before(0, 2, 3, 4, 5);
        float[] y = switch (operand) {
            case TENSOR -> forward.before(1, 2, 3, 4, 5);
            case CHANNEL -> forward.before().get(1);
            case MAP -> forward.before(1, 1, 3, 4, 5);
        };
        double[] expected = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            int j = switch (operand) {
                case TENSOR -> i;
                case CHANNEL -> i / 20 % 3;
                case MAP -> i % 60;
            };
            expected[i] = (double) x[i] + y[j];
        }
        forward.assertClose(forward.made(0, 2, 3, 4, 5), expected);
    }

    @ParameterizedTest
    @MethodSource("numerics")
    void aConcatenationPutsChannelsOneAfterTheOther(DataType type, Layout layout) {
        Operation o = new Concat(2, List.of(1, 3), 2, 2);
        OneLaunch forward = launch(o, Pass.FORWARD, type, layout);
        float[] y = forward.made(0, 2, 4, 2, 2);
        assertThat(Arrays.copyOfRange(y, 16, 20))
                .containsExactly(Arrays.copyOfRange(forward.before(0, 2, 1, 2, 2), 4, 8));
        assertThat(Arrays.copyOfRange(y, 20, 32))
                .containsExactly(Arrays.copyOfRange(forward.before(1, 2, 3, 2, 2), 12, 24));
        OneLaunch backward = launch(o, Pass.BACKWARD, type, layout);
        float[] dy = backward.before(0, 2, 4, 2, 2);
        assertThat(Arrays.copyOfRange(backward.made(1, 2, 3, 2, 2), 12, 24))
                .containsExactly(Arrays.copyOfRange(dy, 20, 32));
        assertThat(Arrays.copyOfRange(backward.made(0, 2, 1, 2, 2), 0, 4))
                .containsExactly(Arrays.copyOfRange(dy, 0, 4));
    }

    @Test
    void theLossMatchesItsTwinForwardAndBackward() {
        SoftmaxLoss o = new SoftmaxLoss(5, 4);
        OneLaunch forward = launch(o, Pass.FORWARD, DataType.F32, Layout.NCHW);
        double[] expected = Twins.softmaxLoss(
                5, 4, forward.before().get(0), labels(forward.before().get(1)));
        forward.assertClose(forward.made().get(0), new double[] {expected[0]});
        OneLaunch backward = launch(o, Pass.BACKWARD, DataType.F32, Layout.NCHW);
        // Logarithms of probabilities are logits that give the same probabilities.
        double[] again = Twins.softmaxLoss(
                5, 4, backward.before().get(0), labels(backward.before().get(1)));
        backward.assertClose(backward.made().get(0), Arrays.copyOfRange(again, 1, again.length));
    }

    private static long[] labels(float[] oneHot) {
        long[] labels = new long[5];
        int ones = 0;
        for (int i = 0; i < oneHot.length; i++) {
            if (oneHot[i] != 0) {
                labels[i / 4] = i % 4;
                ones++;
            }
        }
        assertThat(ones).isEqualTo(5);
        return labels;
    }

    @Test
    void anOptimizerStepMovesWeightsByTheirMomenta() {
        OneLaunch update = launch(new OptimizerStep(10, 3), Pass.UPDATE, DataType.F32, Layout.NCHW);
        double[] weights = new double[10];
        double[] momenta = new double[10];
        for (int i = 0; i < 10; i++) {
            float w = update.before().get(0)[i];
            momenta[i] = 0.9 * update.before().get(2)[i] + update.before().get(1)[i] + 5e-4 * w;
            weights[i] = w - 1e-6 * momenta[i];
        }
        update.assertClose(update.after().get(2), momenta);
        update.assertClose(update.after().get(0), weights);
    }

    @Test
    void whatHasNoKernelIsRefusedWithTheWorkloadsText() {
        Operation linear = new Linear(1, 2, 3);
        List<Workload> refused = List.of(
                new Workload(linear, Pass.FORWARD, DataType.F16, MathMode.TF32, Layout.NCHW),
                Workload.of(
                        new Pooling(1, 1, 6, 6, PoolingKind.PADDED_AVERAGE, Extent.of(3), Extent.of(2), ONE, true),
                        Pass.FORWARD),
                Workload.of(
                        new Pooling(1, 1, 6, 6, PoolingKind.MAX, Extent.of(2), ONE, ZERO, false, Extent.of(2)),
                        Pass.FORWARD),
                Workload.of(new Activation(1, 1, 2, 2, new ActivationKind(-1, 1)), Pass.FORWARD),
                Workload.of(new BatchNorm(2, 2, 2, 2, false), Pass.BACKWARD));
        for (Workload workload : refused) {
            assertThatThrownBy(() -> device.open(WorkloadKey.cold(workload)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(workload.text());
        }
        Workload sum = Workload.of(new Add(1, 1, 1, 1, Operand.TENSOR), Pass.BACKWARD);
        assertThatThrownBy(() -> device.open(WorkloadKey.cold(sum)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nothing is launched");
    }
}
