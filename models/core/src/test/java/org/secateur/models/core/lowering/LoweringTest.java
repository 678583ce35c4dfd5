package org.secateur.models.core.lowering;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.models.core.graph.Counts;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.graph.Shapes;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Pass;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.StepProgram.Buffer;
import org.secateur.results.core.StepProgram.Instruction;
import org.secateur.results.core.StepProgram.Role;
import org.secateur.results.core.Workload;

class LoweringTest {

    @Test
    void theTrainingStepOfResnet8IsTheGoldenOne() throws IOException {
        StepProgram program = Lowering.training(Zoo.network("resnet8"), 128, DataType.F32, Layout.NCHW);
        StringBuilder text = new StringBuilder();
        for (Instruction i : program.instructions()) {
            text.append(i.layer()).append(" | ").append(i.workload().text()).append('\n');
            text.append("  ")
                    .append(i.reads())
                    .append(" -> ")
                    .append(i.writes())
                    .append('\n');
        }
        assertThat(text.toString()).isEqualTo(golden("resnet8-training.txt"));
    }

    @Test
    void theNumberOfLaunchesIsWhatTheLayersSay() {
        int forward = 3 + 3 * 7 + 2 + 2;
        int loss = 2;
        int backward = 3 + 3 * (4 + 2 * 2) + 2 + 3;
        int sums = 3;
        int update = 1;
        assertThat(Lowering.training(Zoo.network("resnet8"), 128, DataType.F32, Layout.NCHW)
                        .instructions())
                .hasSize(forward + loss + backward + sums + update);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "resnet20",
                "resnet20-proj",
                "vgg8",
                "vgg11-nobn",
                "densenet40",
                "googlenet",
                "mobilenetv2",
                "preresnet164"
            })
    void everyBufferIsWrittenBeforeItIsRead(String name) {
        assertWrittenBeforeRead(Lowering.training(Zoo.network(name), 2, DataType.F32, Layout.NCHW));
        assertWrittenBeforeRead(Lowering.inference(Zoo.network(name), 2, DataType.F32, Layout.NCHW));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "resnet20",
                "resnet20-proj",
                "vgg8",
                "vgg11-nobn",
                "densenet40",
                "googlenet",
                "mobilenetv2",
                "preresnet164"
            })
    void everyParameterIsSteppedOnce(String name) {
        StepProgram program = Lowering.training(Zoo.network(name), 2, DataType.F32, Layout.NCHW);
        long parameters = program.buffers().stream()
                .filter(b -> b.role() == Role.PARAMETER)
                .mapToLong(Buffer::elements)
                .sum();
        assertThat(parameters)
                .isEqualTo(Counts.of(Zoo.network(name)).parameters().total());
        Instruction last = program.instructions().get(program.instructions().size() - 1);
        assertThat(last.layer()).isEqualTo(Lowering.OPTIMIZER);
        assertThat(last.workload().operation())
                .isInstanceOfSatisfying(
                        Operation.OptimizerStep.class,
                        o -> assertThat(o.parameters()).isEqualTo(parameters));
        assertThat(program.buffers().stream()
                        .filter(b -> b.role() == Role.PARAMETER_GRADIENT)
                        .mapToLong(Buffer::elements)
                        .sum())
                .isEqualTo(parameters);
    }

    @Test
    void multiplyAccumulatesAreThreeForwardsLessTheFirstLayersDataGradient() {
        Network network = Zoo.network("resnet20");
        Counts.Count count = Counts.of(network).macs();
        long forward = 2 * (count.convolution() + count.linear());
        assertThat(macs(Lowering.inference(network, 2, DataType.F32, Layout.NCHW)))
                .isEqualTo(forward);
        assertThat(macs(Lowering.training(network, 2, DataType.F32, Layout.NCHW)))
                .isEqualTo(3 * forward - 2L * 432 * 1024);
    }

    @Test
    void onlyTheLayerThatReadsTheImageHasNoDataGradient() {
        StepProgram program = Lowering.training(Zoo.network("vgg8"), 2, DataType.F32, Layout.NCHW);
        Map<String, Set<Pass>> passes = new HashMap<>();
        program.instructions()
                .forEach(i -> passes.computeIfAbsent(i.layer(), l -> new HashSet<>())
                        .add(i.workload().pass()));
        assertThat(passes.get("features.0")).containsExactlyInAnyOrder(Pass.FORWARD, Pass.BACKWARD_WEIGHTS);
        assertThat(passes.get("features.4"))
                .containsExactlyInAnyOrder(Pass.FORWARD, Pass.BACKWARD_DATA, Pass.BACKWARD_WEIGHTS);
        assertThat(passes).doesNotContainKey("flatten");
    }

    @Test
    void inferenceUsesStoredStatisticsAndHasNoLoss() {
        StepProgram program = Lowering.inference(Zoo.network("resnet8"), 1, DataType.F16, Layout.NHWC);
        assertThat(program.instructions()).hasSize(3 + 3 * 7 + 2 + 2).allSatisfy(i -> {
            assertThat(i.workload().pass()).isEqualTo(Pass.FORWARD);
            assertThat(i.workload().dataType()).isEqualTo(DataType.F16);
            assertThat(i.workload().layout()).isEqualTo(Layout.NHWC);
            assertThat(i.layer()).isNotEqualTo(Lowering.LOSS);
            if (i.workload().operation() instanceof Operation.BatchNorm norm) {
                assertThat(norm.training()).isFalse();
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"resnet20", "resnet20-proj", "vgg8", "densenet40", "googlenet"})
    void nodesOneByOneGiveTheStepExceptSumsLossAndUpdate(String name) {
        Network network = Zoo.network(name);
        Map<String, Shape> shapes = Shapes.of(network);
        List<Workload> expected = new ArrayList<>();
        for (Node node : network.nodes()) {
            expected.addAll(Lowering.trainingWorkloads(
                    node.layer(),
                    Shapes.inputs(node, shapes),
                    !node.input().equals(Network.INPUT),
                    4,
                    DataType.F32,
                    MathMode.DEFAULT,
                    Layout.NCHW));
        }
        List<Workload> step = new ArrayList<>();
        for (Instruction i :
                Lowering.training(network, 4, DataType.F32, Layout.NCHW).instructions()) {
            boolean sum = i.workload().operation() instanceof Operation.Add
                    && !(network.node(i.layer()).orElseThrow().layer() instanceof Layer.Add);
            if (!sum && network.node(i.layer()).isPresent()) {
                step.add(i.workload());
            }
        }
        assertThat(step).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void aTensorWithTwoReadersSumsTheirGradients() {
        StepProgram program = Lowering.training(Zoo.network("resnet8"), 2, DataType.F32, Layout.NCHW);
        assertThat(program.instructions())
                .filteredOn(i -> i.layer().equals("relu") && i.workload().operation() instanceof Operation.Add)
                .singleElement()
                .satisfies(i -> {
                    assertThat(i.reads()).containsExactly("layer1.0.add.grad", "relu.grad");
                    assertThat(i.writes()).containsExactly("relu.grad");
                });
    }

    private static long macs(StepProgram program) {
        return program.instructions().stream()
                .mapToLong(i -> i.workload().macs())
                .sum();
    }

    private static void assertWrittenBeforeRead(StepProgram program) {
        Set<String> written = new HashSet<>();
        Set<String> touched = new HashSet<>();
        for (Buffer buffer : program.buffers()) {
            if (Set.of(Role.INPUT, Role.LABELS, Role.PARAMETER, Role.STATISTIC, Role.MOMENTUM)
                    .contains(buffer.role())) {
                written.add(buffer.name());
            }
        }
        for (Instruction instruction : program.instructions()) {
            assertThat(written).as(instruction.toString()).containsAll(instruction.reads());
            written.addAll(instruction.writes());
            touched.addAll(instruction.reads());
            touched.addAll(instruction.writes());
        }
        assertThat(program.buffers().stream().map(Buffer::name)).containsExactlyInAnyOrderElementsOf(touched);
    }

    private static String golden(String name) throws IOException {
        try (InputStream stream = LoweringTest.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(stream, name).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
