package org.secateur.models.core.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.models.core.graph.Surgery.Shrunk;
import org.secateur.models.core.lowering.Lowering;
import org.secateur.models.core.planning.NodeCosts;
import org.secateur.models.core.planning.Step;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;
import org.secateur.results.core.StepProgram;

/**
 * Random networks with random dead channels, live removals and dead branches: the shrunk network computes what the
 * masked one computes. The tolerance is float rounding of folded constants, relative to max(1, |logit|).
 */
class SurgeryPropertyTest {
    private static final double TOLERANCE = 1e-5;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "resnet8 3x8x8",
                "resnet8-proj 3x8x8",
                "resnet20 1x9x7",
                "resnet20-proj 2x6x10",
                "vgg8 3x32x32",
                "vgg8-nobn 1x33x32",
                "patchwork",
                "alexnet 1x63x67",
                "densenet40 2x8x8",
                "densenet121 1x32x33",
                "googlenet 3x30x32",
                "mobilenetv1 3x20x20",
                "mobilenetv2 2x32x20",
                "preresnet164 1x5x6",
                "resnet18 3x32x32",
                "resnet50 1x20x20",
                "squeezenet 1x28x30",
                "wideresnet40-2 3x9x8"
            })
    void shrunkLogitsAreTheMaskedOnes(String name) {
        for (int seed = 0; seed < 6; seed++) {
            Random random = new Random(31L * seed + name.hashCode());
            Network network = network(name, random);
            ModelState state = randomState(network, random);
            for (int round = 0; round < 2; round++) {
                Map<String, int[]> kept = randomPlan(network, random);
                state = killSome(network, state, kept, random);
                Masking masked = Masking.of(network, state, kept);
                Shrunk shrunk = Surgery.shrink(network, state, kept);
                assertSameLogits(name + " seed " + seed + " round " + round, masked, shrunk, random);
                network = shrunk.network();
                state = shrunk.state();
            }
        }
    }

    /** The campaign draws a hundred times as many. */
    @Test
    void shrunkRandomGraphsComputeWhatMaskedOnesDo() {
        int graphs = Boolean.getBoolean("secateur.campaign") ? 20_000 : 200;
        int pruned = 0;
        for (int seed = 0; seed < graphs; seed++) {
            Random random = new Random(1009L * seed);
            Network network = RandomGraphs.network(random);
            ModelState state = randomState(network, random);
            for (int round = 0; round < 2; round++) {
                String what = "seed " + seed + " round " + round;
                Map<String, int[]> kept = randomPlan(network, random);
                state = killSome(network, state, kept, random);
                Shrunk shrunk = Surgery.shrink(network, state, kept);
                assertSameLogits(what, Masking.of(network, state, kept), shrunk, random);
                assertAsPredicted(what, network, kept, shrunk);
                pruned += kept.isEmpty() ? 0 : 1;
                network = shrunk.network();
                state = shrunk.state();
            }
        }
        assertThat(pruned).isGreaterThan(graphs);
    }

    /** Shapes, multiply-accumulates and parameters follow from the widths alone, and a training step can be written down. */
    private static void assertAsPredicted(String what, Network network, Map<String, int[]> kept, Shrunk shrunk) {
        ChannelGroups groups = ChannelGroups.of(network);
        Map<String, Integer> widths = new HashMap<>();
        groups.groups().forEach(group -> widths.put(group.id(), group.channels()));
        kept.forEach((id, channels) -> widths.put(id, channels.length));
        Map<String, Shape> before = Shapes.of(network);
        Shapes.of(shrunk.network()).forEach((tensor, shape) -> {
            Shape old = before.get(tensor);
            if (old != null) {
                int features = groups.features(tensor, id -> widths.getOrDefault(id, 0));
                assertThat(shape).as(what + " " + tensor).isEqualTo(new Shape(features, old.height(), old.width()));
            }
        });
        NodeCosts costs = new NodeCosts(network, Step.inference(1));
        Counts counts = Counts.of(shrunk.network());
        assertThat(network.nodes().stream()
                        .mapToLong(node -> costs.macs(node, widths))
                        .sum())
                .as(what)
                .isEqualTo(counts.macs().convolution() + counts.macs().linear());
        assertThat(network.nodes().stream()
                        .mapToLong(node -> costs.parameters(node, widths))
                        .sum())
                .as(what)
                .isEqualTo(counts.parameters().total());
        StepProgram step = Lowering.training(shrunk.network(), 2, DataType.F32, Layout.NCHW);
        assertThat(step.buffers().stream()
                        .filter(b -> b.role() == StepProgram.Role.MOMENTUM)
                        .mapToLong(StepProgram.Buffer::elements)
                        .sum())
                .as(what)
                .isEqualTo(counts.parameters().total());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "resnet8 3x8x8",
                "resnet20-proj 2x6x10",
                "vgg8-nobn 1x33x32",
                "patchwork",
                "densenet40 2x8x8",
                "googlenet 3x30x32",
                "mobilenetv2 2x32x20",
                "wideresnet40-2 3x9x8"
            })
    void removingOnlyDeadChannelsChangesNoLogit(String name) {
        for (int seed = 0; seed < 6; seed++) {
            Random random = new Random(77L * seed + name.hashCode());
            Network network = network(name, random);
            Map<String, int[]> kept = randomPlan(network, random);
            ChannelGroups groups = ChannelGroups.of(network);
            kept.keySet()
                    .removeIf(id -> !groups.group(id).writers().isEmpty()
                            || !groups.group(id).readers().isEmpty());
            ModelState state = randomState(network, random);
            kept.forEach((id, channels) -> groups.group(id).producers().forEach(p -> {
                for (int c = 0; c < groups.group(id).channels(); c++) {
                    if (!Masking.contains(channels, c)) {
                        Masking.zero(state.parameter(p.node() + ".weight"), p.features(new int[] {c})[0]);
                    }
                }
            }));
            Masking dense = new Masking(network, state);
            assertSameLogits(name + " seed " + seed, dense, Surgery.shrink(network, state, kept), random);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "resnet20 1x9x7",
                "resnet20-proj 2x6x10",
                "vgg8 3x32x32",
                "patchwork",
                "densenet40 2x8x8",
                "mobilenetv2 2x32x20",
                "squeezenet 1x28x30"
            })
    void countsAndWidthsAreAsTheGroupsSay(String name) {
        for (int seed = 0; seed < 5; seed++) {
            Random random = new Random(5L * seed + name.hashCode());
            Network network = network(name, random);
            Map<String, int[]> kept = randomPlan(network, random);
            Network shape = Surgery.shrink(network, kept);
            Shrunk shrunk = Surgery.shrink(network, randomState(network, random), kept);
            assertThat(Counts.of(shrunk.network()).macs())
                    .isEqualTo(Counts.of(shape).macs());
            assertThat(Counts.of(shrunk.network()).parameters())
                    .isEqualTo(Counts.of(shape).parameters());
            assertThat(shrunk.state().parameters().values().stream()
                            .mapToLong(t -> t.data().length)
                            .sum())
                    .isEqualTo(Counts.of(shape).parameters().total());
            Map<String, Integer> expected = Surgery.widths(network);
            kept.forEach((id, channels) -> expected.put(id, channels.length));
            Map<String, Integer> widths = Surgery.widths(shrunk.network());
            // What a depthwise convolution makes of a single channel has a group of its own.
            widths.keySet().stream()
                    .filter(expected::containsKey)
                    .forEach(id -> assertThat(widths.get(id)).isEqualTo(expected.get(id)));
            assertThat(widths.keySet().stream().filter(id -> !expected.containsKey(id)))
                    .allMatch(id -> Integer.valueOf(1).equals(widths.get(id)));
            assertThat(widths).isEqualTo(Surgery.widths(shape));
            Network again = Surgery.shrink(network, first(Surgery.widths(network, shape)));
            assertThat(Counts.of(again)).isEqualTo(Counts.of(shape));
        }
    }

    private static Map<String, int[]> first(Map<String, Integer> widths) {
        Map<String, int[]> kept = new LinkedHashMap<>();
        widths.forEach((id, width) -> kept.put(id, IntStream.range(0, width).toArray()));
        return kept;
    }

    private static void assertSameLogits(String what, Masking masked, Shrunk shrunk, Random random) {
        Shape input = masked.network().input();
        double[][][] image = new double[input.channels()][input.height()][input.width()];
        for (double[][] plane : image) {
            for (double[] row : plane) {
                Arrays.setAll(row, i -> random.nextGaussian());
            }
        }
        double[] expected = ReferenceForward.logits(masked.network(), masked.state(), image);
        double[] actual = ReferenceForward.logits(shrunk.network(), shrunk.state(), image);
        assertThat(actual).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i])
                    .as("%s logit %d", what, i)
                    .isCloseTo(expected[i], Offset.offset(TOLERANCE * Math.max(1, Math.abs(expected[i]))));
        }
        assertThat(Arrays.stream(expected).distinct().count())
                .as("%s logits say something", what)
                .isGreaterThan(1);
    }

    private static Network network(String name, Random random) {
        if (name.equals("patchwork")) {
            return Patchwork.network();
        }
        String[] words = name.split(" ", -1);
        int[] sizes = Arrays.stream(words[1].split("x", -1))
                .mapToInt(Integer::parseInt)
                .toArray();
        Network network =
                Zoo.network(words[0], Optional.of(new Shape(sizes[0], sizes[1], sizes[2])), OptionalInt.of(4));
        Map<String, int[]> narrow = new HashMap<>();
        Surgery.widths(network).forEach((id, width) -> narrow.put(id, subset(width, 3 + random.nextInt(10), random)));
        return Surgery.shrink(network, narrow);
    }

    private static ModelState randomState(Network network, Random random) {
        ModelState initial = new Initializer(random.nextLong()).initialize(network);
        Map<String, HostTensor> momentum = new HashMap<>();
        initial.parameters().forEach((name, tensor) -> {
            momentum.put(name, tensor.copy());
            if (tensor.shape().length == 1) {
                fill(tensor, random, name.endsWith(".weight") ? 1 : 0, 0.5);
            }
        });
        initial.buffers().forEach((name, tensor) -> {
            fill(tensor, random, 0, 0.5);
            if (name.endsWith(".running_var")) {
                for (int i = 0; i < tensor.data().length; i++) {
                    tensor.data()[i] = 0.5f + Math.abs(tensor.data()[i]);
                }
            }
        });
        return new ModelState(initial.parameters(), momentum, initial.buffers());
    }

    private static void fill(HostTensor tensor, Random random, double mean, double deviation) {
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] = (float) (mean + deviation * random.nextGaussian());
        }
    }

    /** Random widths; of the branches of one addition one dies at most. */
    private static Map<String, int[]> randomPlan(Network network, Random random) {
        ChannelGroups groups = ChannelGroups.of(network);
        Map<String, int[]> kept = new TreeMap<>();
        Set<String> spent = new HashSet<>();
        List<Branch> branches = Branch.of(network, groups);
        for (ChannelGroup group : groups.prunable()) {
            List<String> adds = branches.stream()
                    .filter(b -> b.groups().contains(group.id()))
                    .map(Branch::add)
                    .toList();
            if (!adds.isEmpty() && Collections.disjoint(adds, spent) && random.nextInt(3) == 0) {
                kept.put(group.id(), new int[0]);
                spent.addAll(adds);
            } else if (random.nextInt(4) > 0) {
                kept.put(group.id(), subset(group.channels(), 1 + random.nextInt(group.channels()), random));
            }
        }
        return kept;
    }

    /** Zeroes the filters of about half of the removed channels, producer by producer. */
    private static ModelState killSome(Network network, ModelState state, Map<String, int[]> kept, Random random) {
        Map<String, HostTensor> parameters = new HashMap<>();
        state.parameters().forEach((name, tensor) -> parameters.put(name, tensor.copy()));
        ChannelGroups groups = ChannelGroups.of(network);
        kept.forEach((id, channels) -> {
            for (int c = 0; c < groups.group(id).channels(); c++) {
                int fate = random.nextInt(3);
                for (ChannelGroup.Use producer : groups.group(id).producers()) {
                    boolean dies = fate == 0 || (fate == 1 && random.nextBoolean());
                    HostTensor weight = parameters.get(producer.node() + ".weight");
                    if (dies && weight != null && !Masking.contains(channels, c)) {
                        Masking.zero(weight, producer.features(new int[] {c})[0]);
                    }
                }
            }
        });
        return new ModelState(parameters, state.momentum(), state.buffers());
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
