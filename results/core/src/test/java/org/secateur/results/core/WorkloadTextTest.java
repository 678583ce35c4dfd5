package org.secateur.results.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.results.core.Operation.Activation;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.Add;
import org.secateur.results.core.Operation.BatchNorm;
import org.secateur.results.core.Operation.Concat;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.IndexMap;
import org.secateur.results.core.Operation.Linear;
import org.secateur.results.core.Operation.Operand;
import org.secateur.results.core.Operation.OptimizerStep;
import org.secateur.results.core.Operation.Pad;
import org.secateur.results.core.Operation.Pooling;
import org.secateur.results.core.Operation.PoolingKind;
import org.secateur.results.core.Operation.SoftmaxLoss;

/** The texts below are keys of stored tables: a change here makes every stored table unreadable. */
class WorkloadTextTest {
    private static final String TAIL = " dtype=f32 math=default layout=nchw";

    static Stream<Arguments> golden() {
        return Stream.of(
                Arguments.of(
                        new Convolution(128, 16, 32, 32, 16, 3, 3, Extent.of(1), Extent.of(1), Extent.of(1), 1),
                        Pass.FORWARD,
                        "conv2d n=128 c=16 h=32 w=32 k=16 r=3 s=3 stride=1,1 pad=1,1 dilation=1,1 groups=1 pass=forward"),
                Arguments.of(
                        new Convolution(
                                8, 12, 17, 19, 24, 3, 5, new Extent(2, 1), new Extent(1, 2), new Extent(1, 2), 4),
                        Pass.BACKWARD_WEIGHTS,
                        "conv2d n=8 c=12 h=17 w=19 k=24 r=3 s=5 stride=2,1 pad=1,2 dilation=1,2 groups=4"
                                + " pass=backward-weights"),
                Arguments.of(
                        new Linear(128, 64, 10), Pass.BACKWARD_DATA, "linear n=128 in=64 out=10 pass=backward-data"),
                Arguments.of(
                        new BatchNorm(128, 16, 32, 32, true),
                        Pass.BACKWARD,
                        "batchnorm n=128 c=16 h=32 w=32 mode=training pass=backward"),
                Arguments.of(
                        new BatchNorm(1, 16, 32, 32, false),
                        Pass.FORWARD,
                        "batchnorm n=1 c=16 h=32 w=32 mode=inference pass=forward"),
                Arguments.of(
                        new Activation(128, 16, 32, 32, ActivationKind.RELU),
                        Pass.FORWARD,
                        "activation n=128 c=16 h=32 w=32 kind=relu pass=forward"),
                Arguments.of(
                        new Pooling(
                                128, 64, 8, 8, PoolingKind.AVERAGE, Extent.of(8), Extent.of(8), Extent.of(0), false),
                        Pass.FORWARD,
                        "pooling n=128 c=64 h=8 w=8 kind=average window=8,8 stride=8,8 pad=0,0 pass=forward"),
                Arguments.of(
                        new Pooling(1, 64, 112, 112, PoolingKind.MAX, Extent.of(3), Extent.of(2), Extent.of(1), false),
                        Pass.BACKWARD,
                        "pooling n=1 c=64 h=112 w=112 kind=max window=3,3 stride=2,2 pad=1,1 pass=backward"),
                Arguments.of(
                        new Pooling(1, 64, 112, 112, PoolingKind.MAX, Extent.of(3), Extent.of(2), Extent.of(0), true),
                        Pass.FORWARD,
                        "pooling n=1 c=64 h=112 w=112 kind=max window=3,3 stride=2,2 pad=0,0 ceil=true pass=forward"),
                Arguments.of(
                        new Pooling(1, 64, 28, 28, PoolingKind.MAX, Extent.of(3), Extent.of(1), Extent.of(1), true),
                        Pass.FORWARD,
                        "pooling n=1 c=64 h=28 w=28 kind=max window=3,3 stride=1,1 pad=1,1 pass=forward"),
                Arguments.of(
                        new Activation(2, 32, 7, 7, ActivationKind.RELU6),
                        Pass.FORWARD,
                        "activation n=2 c=32 h=7 w=7 kind=relu6 pass=forward"),
                Arguments.of(
                        new Activation(2, 32, 7, 7, new ActivationKind(-0.0, 2.5)),
                        Pass.FORWARD,
                        "activation n=2 c=32 h=7 w=7 kind=clip:0.0,2.5 pass=forward"),
                Arguments.of(
                        new Activation(2, 32, 7, 7, new ActivationKind(Double.NEGATIVE_INFINITY, 1)),
                        Pass.BACKWARD,
                        "activation n=2 c=32 h=7 w=7 kind=clip:-inf,1.0 pass=backward"),
                Arguments.of(
                        new Pooling(
                                4,
                                8,
                                17,
                                17,
                                PoolingKind.PADDED_AVERAGE,
                                Extent.of(3),
                                Extent.of(1),
                                Extent.of(1),
                                false),
                        Pass.FORWARD,
                        "pooling n=4 c=8 h=17 w=17 kind=padded-average window=3,3 stride=1,1 pad=1,1 pass=forward"),
                Arguments.of(
                        new Pooling(
                                4,
                                8,
                                17,
                                17,
                                PoolingKind.PADDED_AVERAGE,
                                Extent.of(3),
                                Extent.of(2),
                                Extent.of(0),
                                true),
                        Pass.FORWARD,
                        "pooling n=4 c=8 h=17 w=17 kind=average window=3,3 stride=2,2 pad=0,0 pass=forward"),
                Arguments.of(
                        new Pooling(
                                4,
                                8,
                                18,
                                18,
                                PoolingKind.MAX,
                                Extent.of(2),
                                Extent.of(2),
                                Extent.of(0),
                                true,
                                new Extent(2, 1)),
                        Pass.FORWARD,
                        "pooling n=4 c=8 h=18 w=18 kind=max window=2,2 stride=2,2 pad=0,0 ceil=true dilation=2,1"
                                + " pass=forward"),
                Arguments.of(
                        new Pad(4, 8, 17, 18, new Extent(0, 1), new Extent(2, 3)),
                        Pass.BACKWARD,
                        "pad n=4 c=8 h=17 w=18 before=0,1 after=2,3 pass=backward"),
                Arguments.of(
                        new Add(128, 16, 32, 32, Operand.TENSOR),
                        Pass.FORWARD,
                        "add n=128 c=16 h=32 w=32 operand=tensor pass=forward"),
                Arguments.of(
                        new Concat(2, List.of(3, 5, 8), 7, 9),
                        Pass.FORWARD,
                        "concat n=2 channels=3,5,8 h=7 w=9 pass=forward"),
                Arguments.of(
                        new IndexMap(128, 16, 32, 32, 32, 12, Extent.of(2)),
                        Pass.FORWARD,
                        "indexmap n=128 c=16 h=32 w=32 k=32 mapped=12 stride=2,2 pass=forward"),
                Arguments.of(new SoftmaxLoss(128, 10), Pass.BACKWARD, "softmaxloss n=128 classes=10 pass=backward"),
                Arguments.of(
                        new OptimizerStep(272_474, 65),
                        Pass.UPDATE,
                        "optimizerstep parameters=272474 tensors=65 pass=update"));
    }

    @ParameterizedTest
    @MethodSource("golden")
    void theCanonicalTextNeverChanges(Operation operation, Pass pass, String text) {
        Workload workload = Workload.of(operation, pass);

        assertThat(workload.text()).isEqualTo(text + TAIL);
        assertThat(Workload.parse(text + TAIL)).isEqualTo(workload);
    }

    /** Where the user's language has digits of its own, keys have the same as everywhere. */
    @ParameterizedTest
    @MethodSource("golden")
    void theCanonicalTextIsNotTranslated(Operation operation, Pass pass, String text) {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
        try {
            assertThat(String.format("%d", 7)).isNotEqualTo("7");
            assertThat(Workload.of(operation, pass).text()).isEqualTo(text + TAIL);
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void everyKindOfOperationHasAGoldenText() {
        List<Class<?>> seen =
                golden().<Class<?>>map(a -> a.get()[0].getClass()).distinct().toList();

        assertThat(seen).containsExactlyInAnyOrder(Operation.class.getPermittedSubclasses());
    }

    @Test
    void typeModeAndLayoutAreInTheText() {
        Workload workload = new Workload(new Linear(1, 2, 3), Pass.FORWARD, DataType.BF16, MathMode.TF32, Layout.NHWC);

        assertThat(workload.text()).isEqualTo("linear n=1 in=2 out=3 pass=forward dtype=bf16 math=tf32 layout=nhwc");
    }

    @Test
    void textAndWorkloadAreTheSameForRandomWorkloads() {
        SplittableRandom random = new SplittableRandom(42);
        for (int i = 0; i < 2000; i++) {
            Workload workload = RandomWorkloads.next(random);
            assertThat(Workload.parse(workload.text())).isEqualTo(workload);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "conv3d n=1" + TAIL,
                "linear n=1 in=2 pass=forward" + TAIL,
                "linear n=1 in=2 out=x pass=forward" + TAIL,
                "linear n=1 in=2 out=0 pass=forward" + TAIL,
                "linear n=1 in=2 out=3 pass=sideways" + TAIL,
                "linear n=1 in=2 out=3 pass=update" + TAIL,
                "linear in=2 n=1 out=3 pass=forward" + TAIL,
                "linear n=1  in=2 out=3 pass=forward" + TAIL,
                "linear n=01 in=2 out=3 pass=forward" + TAIL,
                "linear n=1 in=2 out=3 extra=4 pass=forward" + TAIL,
                "batchnorm n=1 c=1 h=1 w=1 mode=dreaming pass=forward" + TAIL,
                "activation n=1 c=1 h=1 w=1 kind=RELU pass=forward" + TAIL,
                "activation n=1 c=1 h=1 w=1 kind=clip:0.0,6.0 pass=forward" + TAIL,
                "activation n=1 c=1 h=1 w=1 kind=clip:2.0,1.0 pass=forward" + TAIL,
                "activation n=1 c=1 h=1 w=1 kind=clip:0.0,NaN pass=forward" + TAIL,
                "activation n=1 c=1 h=1 w=1 kind=clip:0.0 pass=forward" + TAIL,
                "pooling n=1 c=1 h=4 w=4 kind=max window=2,2 stride=2,2 pad=0,0 dilation=1,1 pass=forward" + TAIL,
                "pooling n=1 c=1 h=4 w=4 kind=average window=2,2 stride=2,2 pad=0,0 dilation=2,2 pass=forward" + TAIL,
            })
    void anyOtherTextIsRefused(String text) {
        assertThatThrownBy(() -> Workload.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
