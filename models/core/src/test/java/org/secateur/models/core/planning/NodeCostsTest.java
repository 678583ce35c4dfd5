package org.secateur.models.core.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.secateur.results.core.Layout.NCHW;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.models.core.graph.ChannelGroup;
import org.secateur.models.core.graph.Counts;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.graph.Surgery;
import org.secateur.models.core.lowering.Lowering;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Extent;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.Operand;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.Workload;

/**
 * The sum over nodes is what the shrunk network launches: the same workloads, each as often. Index maps are compared
 * without the number of channels that they copy, which is expected for the former and exact for the latter.
 */
class NodeCostsTest {
    private static final int BATCH = 7;
    private static final int ROUNDS = 12;
    /**
     * What the zoo lacks: additions that several nodes read, as in "Identity Mappings in Deep Residual Networks" (He et
     * al. 2016), figure 1 (b), and shifts, which surgery leaves behind.
     */
    private static final String PREACTIVATION = "preactivation";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "resnet8",
                "resnet20",
                "resnet20-proj",
                "vgg8",
                PREACTIVATION,
                "wideresnet40-2",
                "densenet40",
                "mobilenetv2",
                "googlenet"
            })
    void aTrainingStepIsTheSumOfItsNodes(String name) {
        assertSumOfNodes(name, Step.training(BATCH), shrunk -> Lowering.training(shrunk, BATCH, DataType.F32, NCHW));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "resnet8",
                "resnet20",
                "resnet20-proj",
                "vgg8",
                PREACTIVATION,
                "wideresnet40-2",
                "densenet40",
                "mobilenetv2",
                "googlenet"
            })
    void anInferenceIsTheSumOfItsNodes(String name) {
        assertSumOfNodes(name, Step.inference(BATCH), shrunk -> Lowering.inference(shrunk, BATCH, DataType.F32, NCHW));
    }

    private static void assertSumOfNodes(String name, Step step, Function<Network, StepProgram> lowered) {
        Network network = network(name);
        NodeCosts costs = new NodeCosts(network, step);
        for (int seed = 0; seed < ROUNDS; seed++) {
            Map<String, int[]> kept = choice(costs, new Random(seed));
            Map<Workload, Double> expected = new HashMap<>();
            lowered.apply(Surgery.shrink(network, kept)).instructions().stream()
                    .filter(i -> !Set.of(Lowering.LOSS, Lowering.OPTIMIZER).contains(i.layer()))
                    .forEach(i -> expected.merge(comparable(i.workload()), 1.0, Double::sum));
            assertThat(sum(network, costs, widths(kept)))
                    .as(name + " " + widths(kept))
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "resnet8",
                "resnet20",
                "resnet20-proj",
                "vgg8",
                PREACTIVATION,
                "wideresnet40-2",
                "densenet40",
                "mobilenetv2",
                "googlenet"
            })
    void parametersAndMultiplyAccumulatesAreThoseOfTheShrunkNetwork(String name) {
        Network network = network(name);
        NodeCosts costs = new NodeCosts(network, Step.training(BATCH));
        for (int seed = 0; seed < ROUNDS; seed++) {
            Map<String, int[]> kept = choice(costs, new Random(seed));
            Counts counts = Counts.of(Surgery.shrink(network, kept));
            Map<String, Integer> widths = widths(kept);
            long parameters = 0;
            long convolutionAndLinear = 0;
            for (Node node : network.nodes()) {
                parameters += costs.parameters(node, widths);
                convolutionAndLinear += costs.macs(node, widths);
            }
            assertThat(parameters)
                    .as(name + " " + widths)
                    .isEqualTo(counts.parameters().total());
            assertThat(convolutionAndLinear)
                    .as(name + " " + widths)
                    .isEqualTo(counts.macs().convolution() + counts.macs().linear());
        }
    }

    @Test
    void aMixWeighsStepAndInference() {
        Network network = network("resnet8");
        NodeCosts mix = new NodeCosts(network, new Step(BATCH, 1, 0.25, DataType.F32, MathMode.DEFAULT, NCHW));
        Map<Workload, Double> expected = new HashMap<>();
        sum(network, new NodeCosts(network, Step.training(BATCH)), Map.of())
                .forEach((w, times) -> expected.merge(w, 0.25 * times, Double::sum));
        sum(network, new NodeCosts(network, Step.inference(1)), Map.of())
                .forEach((w, times) -> expected.merge(w, 0.75 * times, Double::sum));
        Map<Workload, Double> actual = sum(network, mix, Map.of());
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((w, times) -> assertThat(actual.get(w)).isCloseTo(times, Offset.offset(1e-12)));
    }

    /** Widths outside a node's scope must not matter, else the terms of the width rule would be incomplete. */
    @ParameterizedTest
    @ValueSource(
            strings = {"resnet8", "resnet20-proj", "vgg8", PREACTIVATION, "wideresnet40-2", "mobilenetv2", "squeezenet"
            })
    void aNodeDependsOnItsScopeOnly(String name) {
        Network network = network(name);
        NodeCosts costs = new NodeCosts(network, Step.training(BATCH));
        for (int seed = 0; seed < ROUNDS; seed++) {
            Map<String, Integer> widths = widths(choice(costs, new Random(seed)));
            for (Node node : network.nodes()) {
                Map<String, Integer> scoped = new LinkedHashMap<>(widths);
                scoped.keySet().retainAll(costs.scope(node));
                assertThat(costs.launches(node, scoped))
                        .as(node.name() + " of " + name + " at " + widths)
                        .isEqualTo(costs.launches(node, widths));
                assertThat(costs.parameters(node, scoped)).isEqualTo(costs.parameters(node, widths));
            }
        }
    }

    @Test
    void onlyBranchesMayVanish() {
        Network network = network("resnet8");
        NodeCosts costs = new NodeCosts(network, Step.training(BATCH));
        assertThat(costs.removable()).hasSize(3).isSubsetOf(costs.variables());
        assertThat(new NodeCosts(network("vgg8"), Step.training(BATCH)).removable())
                .isEmpty();
        NodeCosts bottlenecks = new NodeCosts(network("preresnet164"), Step.training(BATCH));
        assertThat(bottlenecks.removable()).hasSize(54).allMatch(group -> group.endsWith("conv1"));
    }

    /** Where both summands of an addition are branches, one must stay. */
    @Test
    void ofTwoBranchesOneMayVanish() {
        List<Node> nodes = new ArrayList<>();
        String stem = activated(nodes, "stem", convolution(nodes, "conv1", Network.INPUT, 8));
        String left = convolution(nodes, "left2", convolution(nodes, "left1", stem, 6), 8);
        String right = convolution(nodes, "right2", convolution(nodes, "right1", stem, 6), 8);
        nodes.add(new Node("add", new Layer.Add(), List.of(left, right)));
        nodes.add(new Node("pool", new Layer.GlobalAveragePool(), List.of("add")));
        nodes.add(new Node("flatten", new Layer.Flatten(), List.of("pool")));
        nodes.add(new Node("fc", new Layer.Linear(10, true), List.of("flatten")));
        Network network = new Network("branches", new Shape(3, 8, 8), 10, nodes);
        NodeCosts costs = new NodeCosts(network, Step.training(BATCH));
        assertThat(costs.removable()).containsExactly("left1");
        Network shrunk = Surgery.shrink(network, Map.of("left1", new int[0], "left2", new int[] {0, 1, 2}));
        assertThat(shrunk.node("add")).isEmpty();
        assertThat(Surgery.widths(network, shrunk)).isEqualTo(Map.of("conv1", 8, "left1", 0, "left2", 3, "right1", 6));
    }

    private static Network network(String name) {
        if (name.equals(PREACTIVATION)) {
            return preactivation();
        }
        return Zoo.network(name, Optional.of(new Shape(3, 32, 32)), OptionalInt.of(10));
    }

    private static Network preactivation() {
        List<Node> nodes = new ArrayList<>();
        String x = shifted(nodes, convolution(nodes, "conv1", Network.INPUT, 8), Operand.CHANNEL);
        for (int block = 1; block <= 4; block++) {
            String name = "block" + block;
            String inner = convolution(nodes, name + ".conv1", activated(nodes, name + ".in", x), 6);
            String end = convolution(nodes, name + ".conv2", activated(nodes, name + ".inner", inner), 8);
            String summand = block == 3 ? shifted(nodes, end, Operand.MAP) : end;
            nodes.add(new Node(name + ".add", new Layer.Add(), List.of(x, summand)));
            x = name + ".add";
        }
        nodes.add(new Node("pool", new Layer.GlobalAveragePool(), List.of(activated(nodes, "last", x))));
        nodes.add(new Node("flatten", new Layer.Flatten(), List.of("pool")));
        nodes.add(new Node("fc", new Layer.Linear(10, true), List.of("flatten")));
        return new Network(PREACTIVATION, new Shape(3, 8, 8), 10, nodes);
    }

    private static String convolution(List<Node> nodes, String name, String input, int outputs) {
        nodes.add(new Node(
                name,
                new Layer.Convolution(outputs, Extent.of(3), Extent.of(1), Extent.of(1), Extent.of(1), 1, false),
                List.of(input)));
        return name;
    }

    private static String shifted(List<Node> nodes, String input, Operand operand) {
        nodes.add(new Node(input + ".offset", new Layer.Shift(operand), List.of(input)));
        return input + ".offset";
    }

    private static String activated(List<Node> nodes, String name, String input) {
        nodes.add(new Node(name + ".bn", new Layer.BatchNorm(1e-5, 0.1), List.of(input)));
        nodes.add(new Node(name + ".relu", new Layer.Activation(ActivationKind.RELU), List.of(name + ".bn")));
        return name + ".relu";
    }

    private static Map<Workload, Double> sum(Network network, NodeCosts costs, Map<String, Integer> widths) {
        Map<Workload, Double> sum = new HashMap<>();
        for (Node node : network.nodes()) {
            costs.launches(node, widths).forEach((w, times) -> sum.merge(comparable(w), times, Double::sum));
        }
        return sum;
    }

    private static Workload comparable(Workload w) {
        return w.operation() instanceof Operation.IndexMap m
                ? new Workload(
                        new Operation.IndexMap(m.n(), m.c(), m.h(), m.w(), m.k(), 0, m.stride()),
                        w.pass(),
                        w.dataType(),
                        w.mathMode(),
                        w.layout())
                : w;
    }

    private static Map<String, Integer> widths(Map<String, int[]> kept) {
        Map<String, Integer> widths = new LinkedHashMap<>();
        kept.forEach((id, channels) -> widths.put(id, channels.length));
        return widths;
    }

    /** Random channels of most groups; one inner group in three keeps none. */
    private static Map<String, int[]> choice(NodeCosts costs, Random random) {
        Map<String, int[]> kept = new LinkedHashMap<>();
        for (ChannelGroup group : costs.groups().prunable()) {
            if (costs.removable().contains(group.id()) && random.nextInt(3) == 0) {
                kept.put(group.id(), new int[0]);
            } else if (random.nextInt(4) > 0) {
                List<Integer> all = new ArrayList<>(
                        IntStream.range(0, group.channels()).boxed().toList());
                Collections.shuffle(all, random);
                kept.put(
                        group.id(),
                        all.subList(0, 1 + random.nextInt(group.channels())).stream()
                                .mapToInt(Integer::intValue)
                                .sorted()
                                .toArray());
            }
        }
        return kept;
    }
}
