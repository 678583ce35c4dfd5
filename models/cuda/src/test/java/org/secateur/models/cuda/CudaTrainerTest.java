package org.secateur.models.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.models.core.data.Batches;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.training.EpochRecord;
import org.secateur.models.core.training.Trainer;
import org.secateur.profilers.cuda.CudaDevice;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.PoolingKind;
import org.secateur.results.core.SecateurException;

/** The trainer on the stand-in against libtorch's, with the same weights and batches. */
@Tag("native")
class CudaTrainerTest {
    private static final TwoEngines ENGINES = new TwoEngines(8, 2);

    @BeforeAll
    static void buildStandIn() throws IOException, InterruptedException {
        StandIn.build();
    }

    @AfterEach
    void nothingIsLeft() {
        StandIn.world();
        assertThat(StandIn.live()).isZero();
    }

    static Stream<Network> networks() {
        return ENGINES.networks();
    }

    @ParameterizedTest
    @MethodSource("networks")
    void lossesAreThoseOfLibtorchBeforeAndAfterAPruning(Network network) {
        try (CudaDevice device = StandIn.device()) {
            ENGINES.agree(device, network);
        }
    }

    /** They pool in ceil mode; what their kernels compute is told by smaller ones. */
    @ParameterizedTest
    @ValueSource(strings = {"googlenet", "squeezenet"})
    void everyLayerOfLargerNetworksHasItsKernels(String name) {
        StandIn.world("no_arithmetic 1");
        TwoEngines engines = new TwoEngines(32, 1);
        Network network = engines.zoo(name);
        try (CudaDevice device = StandIn.device();
                Trainer cudnn = engines.cudnn(device, network, new Initializer(3).initialize(network))) {
            cudnn.trainStep(engines.images(network, 1), engines.labels(1));
            assertThat(cudnn.step()).isEqualTo(1);
        }
    }

    @Test
    void anEpochIsThatOfItsStepsAndAddsUpToItsTime() {
        Network network = ENGINES.sequential();
        Dataset data = ENGINES.dataset(network);
        ModelState state = new Initializer(3).initialize(network);
        try (CudaDevice device = StandIn.device();
                Trainer cudnn = ENGINES.cudnn(device, network, state);
                Trainer torch = ENGINES.torch(network, state)) {
            cudnn.lambda(1e-3);
            torch.lambda(1e-3);
            EpochRecord there = cudnn.trainEpoch(Batches.training(data, ENGINES.batch(), 1, 0));
            EpochRecord here = torch.trainEpoch(Batches.training(data, ENGINES.batch(), 1, 0));
            assertThat(there.steps()).isEqualTo(5);
            assertThat(there.images()).isEqualTo(10);
            assertThat(there.loss()).isCloseTo(here.loss(), withinPercentage(0.01));
            assertThat(there.accuracy()).isEqualTo(here.accuracy());
            assertThat(cudnn.step()).isEqualTo(5);
            assertThat(there.stepSeconds()).isPositive();
            assertThat(there.regulariserSeconds()).isPositive();
            assertThat(Arrays.stream(there.secondsOfSteps()).sum())
                    .isCloseTo(there.stepSeconds() + there.regulariserSeconds(), withinPercentage(1e-6));
            assertThat(there.loopOverhead()).isZero();
        }
    }

    @Test
    void calibratingChangesNothing() {
        Network network = ENGINES.zoo("resnet8");
        ModelState state = new Initializer(3).initialize(network);
        try (CudaDevice device = StandIn.device();
                Trainer cudnn = ENGINES.cudnn(device, network, state)) {
            double loss = cudnn.trainingLoss(ENGINES.images(network, 0), ENGINES.labels(0));
            assertThat(cudnn.state().parameters()).isEqualTo(state.parameters());
            assertThat(cudnn.state().buffers()).isEqualTo(state.buffers());
            assertThat(cudnn.step()).isZero();
            assertThat(cudnn.trainStep(ENGINES.images(network, 0), ENGINES.labels(0))
                            .loss())
                    .isEqualTo(loss);
            assertThat(cudnn.state().buffers()).isNotEqualTo(state.buffers());
        }
    }

    @Test
    void nothingGathersOverEpochsAndSurgery() {
        Network network = ENGINES.sequential();
        Dataset data = ENGINES.dataset(network);
        try (CudaDevice device = StandIn.device();
                Trainer cudnn = ENGINES.cudnn(device, network, new Initializer(3).initialize(network))) {
            int live = 0;
            for (int epoch = 0; epoch < 3; epoch++) {
                cudnn.lambda(1e-3 * (epoch + 1));
                cudnn.trainEpoch(Batches.training(data, ENGINES.batch(), 1, epoch));
                cudnn.evaluate(Batches.test(data, ENGINES.batch()));
                live = epoch == 0 ? StandIn.live() : live;
                assertThat(StandIn.live()).isEqualTo(live);
                ModelState before = cudnn.state();
                cudnn.reconfigure(network, before);
                assertThat(cudnn.state()).isEqualTo(before);
            }
        }
    }

    @Test
    void aLossThatIsNoNumberStopsTraining() {
        Network network = ENGINES.sequential();
        ModelState state = new Initializer(3).initialize(network);
        state.parameter("fc.bias").data()[0] = Float.NaN;
        try (CudaDevice device = StandIn.device();
                Trainer cudnn = ENGINES.cudnn(device, network, state)) {
            assertThatThrownBy(() -> cudnn.trainStep(ENGINES.images(network, 1), ENGINES.labels(1)))
                    .isInstanceOf(SecateurException.class)
                    .hasMessageContaining("diverged")
                    .hasMessageContaining("learning rate 0.00");
        }
    }

    @Test
    void whatCudnnLacksIsRefusedByTheLayersName() {
        Extent two = Extent.of(2);
        Layer dilated = new Layer.Pooling(PoolingKind.MAX, two, two, Extent.of(0), false, two);
        try (CudaDevice device = StandIn.device()) {
            assertRefused(device, "pad2", new Layer.Pad(Extent.of(0), Extent.of(1), -1), "pad pad2 with -1.0");
            assertRefused(device, "pool1", dilated, "layer pool1: workload pooling ");
            assertRefused(
                    device,
                    "relu1",
                    new Layer.Activation(new ActivationKind(-1, 1)),
                    "cuDNN has no activation with another lower bound than 0");
        }
    }

    private static void assertRefused(CudaDevice device, String node, Layer layer, String message) {
        Network network = ENGINES.sequential();
        Network other = new Network(
                "other",
                network.input(),
                network.classes(),
                network.nodes().stream()
                        .map(n -> n.name().equals(node) ? TwoEngines.node(node, layer, n.input()) : n)
                        .toList());
        ModelState state = new Initializer(3).initialize(other);
        assertThatThrownBy(() -> ENGINES.cudnn(device, other, state))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void whatDoesNotFitIsRefusedAndTheTrainerStaysAsItWas() {
        Network network = ENGINES.sequential();
        ModelState state = new Initializer(3).initialize(network);
        try (CudaDevice device = StandIn.device();
                Trainer cudnn = ENGINES.cudnn(device, network, state)) {
            assertThatThrownBy(() -> cudnn.reconfigure(ENGINES.zoo("resnet8"), state))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> cudnn.trainStep(ENGINES.images(network, 1), new long[3]))
                    .hasMessageContaining("batch of 3 images");
            assertThatThrownBy(() -> cudnn.trainStep(ENGINES.images(network, 1), new long[] {0, 4}))
                    .hasMessageContaining("label 4");
            assertThatThrownBy(() -> cudnn.lambda(-1)).hasMessageContaining("-1");
            cudnn.trainStep(ENGINES.images(network, 1), ENGINES.labels(1));
            assertThat(cudnn.step()).isEqualTo(1);
        }
    }
}
