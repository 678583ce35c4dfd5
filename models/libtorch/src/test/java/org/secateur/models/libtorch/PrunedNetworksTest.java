package org.secateur.models.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.secateur.models.core.graph.Branch;
import org.secateur.models.core.graph.ChannelGroup;
import org.secateur.models.core.graph.ChannelGroup.Use;
import org.secateur.models.core.graph.ChannelGroups;
import org.secateur.models.core.graph.Counts;
import org.secateur.models.core.graph.HostTensor;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.graph.Surgery;
import org.secateur.models.core.graph.Surgery.Shrunk;
import org.secateur.models.core.training.LearningRateSchedule;
import org.secateur.models.core.training.MilestoneSchedule;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.SgdStep;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;

/** Every architecture of the zoo, narrowed and on small images, before surgery in NCHW and after it in NHWC. */
@Tag("native")
class PrunedNetworksTest {
    private static final LibTorch TORCH = LibTorch.load(2);
    private static final TensorFormat CHANNELS_LAST = new TensorFormat(DataType.F32, Layout.NHWC);

    @ParameterizedTest
    @CsvSource({
        "everything, 0, 0",
        "alexnet, 3, 67",
        "densenet40, 3, 12",
        "densenet121, 1, 33",
        "googlenet, 3, 30",
        "mobilenetv1, 3, 32",
        "mobilenetv2, 2, 40",
        "preresnet164, 3, 8",
        "resnet18, 3, 40",
        "resnet20, 3, 16",
        "resnet20-proj, 3, 16",
        "resnet50, 3, 33",
        "squeezenet, 3, 35",
        "vgg19, 3, 33",
        "wideresnet40-2, 3, 12"
    })
    void surgeryOnDeadChannelsChangesNoLogitAndTheRestTrains(String name, int planes, int size) {
        Random random = new Random(name.hashCode());
        assertPrunable(network(name, planes, size, random), random);
    }

    /** Drawn by the generator of models/core's property test, one network a line. */
    @Test
    void soItIsForRandomGraphs() throws IOException {
        try (InputStream stream = PrunedNetworksTest.class.getResourceAsStream("random-graphs.txt")) {
            String text = new String(Objects.requireNonNull(stream).readAllBytes(), StandardCharsets.UTF_8);
            List<String> graphs = text.lines().toList();
            assertThat(graphs).hasSizeGreaterThan(20);
            for (int i = 0; i < graphs.size(); i++) {
                assertPrunable(NetworkJson.read(graphs.get(i)), new Random(i));
            }
        }
    }

    private static void assertPrunable(Network network, Random random) {
        Map<String, int[]> kept = plan(network, random);
        ModelState state = dying(network, state(network, random), kept);
        Shrunk shrunk = Surgery.shrink(network, state, kept);
        float[] images = TestNetworks.images(network, 2, 1);
        assertClose(
                logits(shrunk.network(), shrunk.state(), images, CHANNELS_LAST),
                logits(network, state, images, TensorFormat.DEFAULT));
        Counts predicted = Counts.of(Surgery.shrink(network, kept));
        assertThat(Counts.of(shrunk.network()).macs()).isEqualTo(predicted.macs());
        assertThat(Counts.of(shrunk.network()).parameters()).isEqualTo(predicted.parameters());
        assertTrains(shrunk);
    }

    private static Network network(String name, int planes, int size, Random random) {
        if (name.equals("everything")) {
            return TestNetworks.everything();
        }
        Network network = Zoo.network(name, Optional.of(new Shape(planes, size, size)), OptionalInt.of(5));
        Map<String, int[]> narrow = new LinkedHashMap<>();
        Surgery.widths(network).forEach((id, width) -> narrow.put(id, subset(width, 3 + random.nextInt(6), random)));
        return Surgery.shrink(network, narrow);
    }

    /** Random widths of all groups that no index map touches; of the branches of one addition one dies at most. */
    private static Map<String, int[]> plan(Network network, Random random) {
        ChannelGroups groups = ChannelGroups.of(network);
        List<Branch> branches = Branch.of(network, groups);
        Map<String, int[]> kept = new LinkedHashMap<>();
        Set<String> spent = new HashSet<>();
        for (ChannelGroup group : groups.prunable()) {
            List<String> adds = branches.stream()
                    .filter(b -> b.groups().contains(group.id()))
                    .map(Branch::add)
                    .toList();
            if (group.writers().isEmpty() && group.readers().isEmpty()) {
                boolean goes = !adds.isEmpty() && Collections.disjoint(adds, spent) && random.nextInt(4) == 0;
                int width = goes ? 0 : 1 + random.nextInt(group.channels());
                kept.put(group.id(), subset(group.channels(), width, random));
                spent.addAll(goes ? adds : List.of());
            }
        }
        return kept;
    }

    /** Fresh weights; norms, statistics, biases and shifts that are neither 0 nor 1. */
    private static ModelState state(Network network, Random random) {
        ModelState fresh = new Initializer(random.nextLong()).initialize(network);
        fresh.parameters().values().stream()
                .filter(tensor -> tensor.shape().length == 1)
                .forEach(tensor -> disturb(tensor, random));
        fresh.buffers().forEach((name, tensor) -> {
            disturb(tensor, random);
            if (name.endsWith(".running_var")) {
                for (int i = 0; i < tensor.data().length; i++) {
                    tensor.data()[i] = Math.abs(tensor.data()[i]) + 0.5f;
                }
            }
        });
        return fresh;
    }

    private static void disturb(HostTensor tensor, Random random) {
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] += 0.3f * (float) random.nextGaussian();
        }
    }

    /** The state in which every filter of a channel that goes is zero. */
    private static ModelState dying(Network network, ModelState state, Map<String, int[]> kept) {
        ChannelGroups groups = ChannelGroups.of(network);
        kept.forEach((id, channels) -> {
            int[] gone = IntStream.range(0, groups.group(id).channels())
                    .filter(c -> Arrays.stream(channels).noneMatch(k -> k == c))
                    .toArray();
            for (Use producer : groups.group(id).producers()) {
                HostTensor weight = state.parameter(producer.node() + ".weight");
                int filter = weight.data().length / weight.shape()[0];
                for (int k : producer.features(gone)) {
                    Arrays.fill(weight.data(), k * filter, (k + 1) * filter, 0);
                }
            }
        });
        return state;
    }

    private static float[] logits(Network network, ModelState state, float[] images, TensorFormat format) {
        try (TorchTrainer trainer = trainer(network, state, format)) {
            return trainer.logits(images);
        }
    }

    private static void assertClose(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            // Single precision through up to two hundred layers.
            assertThat(actual[i])
                    .as("logit %d", i)
                    .isCloseTo(expected[i], within(1e-4f * Math.max(1, Math.abs(expected[i]))));
        }
    }

    private static void assertTrains(Shrunk shrunk) {
        Network network = shrunk.network();
        try (TorchTrainer trainer = trainer(network, shrunk.state(), CHANNELS_LAST)) {
            trainer.lambda(1e-3);
            double loss = trainer.trainStep(TestNetworks.images(network, 3, 1), TestNetworks.labels(network, 3))
                    .loss();
            assertThat(loss).isFinite().isPositive();
            ModelState after = trainer.state();
            assertThat(after.parameters()).isNotEqualTo(shrunk.state().parameters());
            after.parameters().forEach((name, tensor) -> {
                for (float value : tensor.data()) {
                    assertThat(value).as(name).isFinite();
                }
            });
        }
    }

    private static TorchTrainer trainer(Network network, ModelState state, TensorFormat format) {
        LearningRateSchedule schedule = new MilestoneSchedule(0.01, List.of(), 1);
        return new TorchTrainer(TORCH, network, state, new SgdStep(0.9, 5e-4), schedule, 0, System::nanoTime, format);
    }

    private static int[] subset(int of, int size, Random random) {
        List<Integer> all = new ArrayList<>(IntStream.range(0, of).boxed().toList());
        Collections.shuffle(all, random);
        return all.subList(0, Math.min(size, of)).stream()
                .mapToInt(Integer::intValue)
                .sorted()
                .toArray();
    }
}
