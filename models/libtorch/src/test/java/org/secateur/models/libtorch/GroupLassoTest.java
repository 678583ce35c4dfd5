package org.secateur.models.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.secateur.models.core.graph.HostTensor;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.training.MilestoneSchedule;
import org.secateur.profilers.libtorch.HostTensors;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.SgdStep;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;

@Tag("native")
class GroupLassoTest {
    private static final LibTorch TORCH = LibTorch.load(2);

    /** The layout of all tensors; another class has the other. */
    Layout layout() {
        return Layout.NCHW;
    }

    private TensorFormat format() {
        return new TensorFormat(DataType.F32, layout());
    }

    /** The weights of one group: a parameter's name and places in it. */
    private record Group(String parameter, List<Integer> places) {
        double norm(Map<String, double[]> weights) {
            double sum = 1e-8;
            for (int place : places) {
                double weight = Objects.requireNonNull(weights.get(parameter))[place];
                sum += weight * weight;
            }
            return Math.sqrt(sum);
        }
    }

    @Test
    void theValueIsTheSumOverExactlyTheGroupsOfTheDefinition() {
        Network network = TestNetworks.everything();
        ModelState state = TestNetworks.state(network, 2);
        Map<String, double[]> weights = weights(state);
        double expected = groups().stream().mapToDouble(g -> g.norm(weights)).sum();
        try (TorchTrainer trainer = trainer(network, state)) {
            assertThat(trainer.groupLasso()).isCloseTo(expected, within(1e-5 * expected));
        }
    }

    /** Weights of zero included, where only the epsilon keeps the gradient finite. */
    @Test
    @SuppressWarnings("try") // the scope only has to be open
    void theGradientIsThatOfFiniteDifferencesOverOverlappingGroups() {
        Network network = TestNetworks.everything();
        ModelState state = TestNetworks.state(network, 2);
        java.util.Arrays.fill(state.parameter("conv2.weight").data(), 0, 27, 0);
        Map<String, double[]> weights = weights(state);
        List<Group> groups = groups();
        double lambda = 0.25;
        try (PointerScope scope = new PointerScope();
                TorchNetwork torch = new TorchNetwork(network, state, format())) {
            GroupLasso lasso = new GroupLasso(torch);
            lasso.addGradient(lambda);
            lasso.addGradient(lambda);
            state.parameters().forEach((name, tensor) -> {
                float[] actual = HostTensors.floats(torch.parameters().gradient(torch.index(name)));
                List<Group> own =
                        groups.stream().filter(g -> g.parameter().equals(name)).toList();
                double[] values = Objects.requireNonNull(weights.get(name));
                for (int i = 0; i < values.length; i++) {
                    int place = i;
                    List<Group> touched =
                            own.stream().filter(g -> g.places().contains(place)).toList();
                    double kept = values[i];
                    values[i] = kept + 1e-6;
                    double above =
                            touched.stream().mapToDouble(g -> g.norm(weights)).sum();
                    values[i] = kept - 1e-6;
                    double below =
                            touched.stream().mapToDouble(g -> g.norm(weights)).sum();
                    values[i] = kept;
                    // Added twice, so that adding rather than setting is seen.
                    double expected = 2 * lambda * (above - below) / 2e-6;
                    assertThat((double) actual[i]).as(name + "[" + i + "]").isCloseTo(expected, within(1e-5));
                }
            });
        }
    }

    @Test
    void lambdaDrivesWeightsWithoutGradientToZero() {
        Network network = TestNetworks.small(6, 6);
        ModelState state = TestNetworks.state(network, 2);
        float[] images = new float[4 * network.input().elements()];
        double before;
        double without;
        double with;
        try (TorchTrainer trainer = trainer(network, state)) {
            before = trainer.groupLasso();
            trainer.trainStep(images, new long[4]);
            without = trainer.groupLasso();
        }
        try (TorchTrainer trainer = trainer(network, state)) {
            trainer.lambda(0.1);
            trainer.trainStep(images, new long[4]);
            with = trainer.groupLasso();
        }
        assertThat(with).isLessThan(without).isLessThan(before);
    }

    /** The groups of {@link TestNetworks#everything()} written out from the definition. */
    private static List<Group> groups() {
        List<Group> groups = new ArrayList<>();
        addGroups(groups, "conv1.weight", 6, 3, 1, 9, false, true); // reads the image
        addGroups(groups, "conv2.weight", 8, 3, 2, 9, true, true); // two groups of three channels
        addGroups(groups, "dilated.weight", 6, 16, 1, 9, true, true);
        addGroups(groups, "hidden.weight", 5, 6, 1, hiddenWidth(), true, true); // six flattened channels
        addGroups(groups, "more.weight", 5, 6, 1, 1, true, true);
        addGroups(groups, "fc.weight", 4, 5, 1, 1, true, false); // the classifier
        return groups;
    }

    private static int hiddenWidth() {
        return TestNetworks.state(TestNetworks.everything(), 1)
                        .parameter("hidden.weight")
                        .shape()[1]
                / 6;
    }

    /** Layer weights {@code [outputs, perGroup, width]} with {@code convolutionGroups} groups of channels. */
    private static void addGroups(
            List<Group> groups,
            String name,
            int outputs,
            int perGroup,
            int convolutionGroups,
            int width,
            boolean inputs,
            boolean isOutputs) {
        Map<Integer, List<Integer>> byOutput = new HashMap<>();
        Map<Integer, List<Integer>> byInput = new HashMap<>();
        for (int k = 0; k < outputs; k++) {
            for (int c = 0; c < perGroup; c++) {
                for (int r = 0; r < width; r++) {
                    int place = (k * perGroup + c) * width + r;
                    int channel = k / (outputs / convolutionGroups) * perGroup + c;
                    byOutput.computeIfAbsent(k, key -> new ArrayList<>()).add(place);
                    byInput.computeIfAbsent(channel, key -> new ArrayList<>()).add(place);
                }
            }
        }
        if (isOutputs) {
            byOutput.values().forEach(places -> groups.add(new Group(name, places)));
        }
        if (inputs) {
            byInput.values().forEach(places -> groups.add(new Group(name, places)));
        }
    }

    private static Map<String, double[]> weights(ModelState state) {
        Map<String, double[]> weights = new HashMap<>();
        for (Map.Entry<String, HostTensor> entry : state.parameters().entrySet()) {
            double[] values = new double[entry.getValue().data().length];
            java.util.Arrays.setAll(values, i -> entry.getValue().data()[i]);
            weights.put(entry.getKey(), values);
        }
        return weights;
    }

    private TorchTrainer trainer(Network network, ModelState state) {
        return new TorchTrainer(
                TORCH,
                network,
                state,
                new SgdStep(0, 0),
                new MilestoneSchedule(0.1, List.of(), 1),
                0,
                System::nanoTime,
                format());
    }
}
