package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.models.libtorch.Checkpoint;
import org.secateur.models.onnx.OnnxFile;

final class NetworkCommandTest {
    @TempDir
    Path folder;

    @Test
    void theDocumentCountsResnet8() {
        JsonNode json = Run.withoutDevice("network", "resnet8", "--json").json("network");
        assertThat(json.at("/name").asText()).isEqualTo("resnet8");
        assertThat(json.at("/input").toString()).isEqualTo("[3,32,32]");
        assertThat(json.at("/macs").toString())
                .isEqualTo("{\"convolution\":12238848,\"linear\":640,\"other\":73728,\"total\":12313216}");
        assertThat(json.at("/parameters").toString())
                .isEqualTo("{\"convolution\":74160,\"linear\":650,\"other\":480,\"total\":75290}");
        assertThat(json.at("/layers")).hasSize(28);
        assertThat(json.at("/groups")).hasSize(8);
    }

    @Test
    void theMemoryOfTrainingIsModelledForABatch() {
        Run run = Run.withoutDevice("network", "resnet8", "--batch", "128", "--json");
        JsonNode memory = run.json("network").at("/memory");
        assertThat(memory.at("/batch").asInt()).isEqualTo(128);
        assertThat(memory.at("/parameterBytes").asLong()).isEqualTo(4 * 75_290);
        long sum = 0;
        for (Map.Entry<String, JsonNode> part : memory.properties()) {
            if (part.getKey().endsWith("Bytes") && !part.getKey().equals("peakBytes")) {
                sum += part.getValue().asLong();
            }
        }
        assertThat(memory.at("/peakBytes").asLong()).isEqualTo(sum).isGreaterThan(40_000_000);
        assertThat(Run.withoutDevice("network", "resnet8", "--batch", "128").out())
                .contains("memory of training with 128 images in a step, modelled: ");
        assertThat(Run.withoutDevice("network", "resnet8").out()).doesNotContain("memory");
        JsonNode last = Run.withoutDevice("network", "resnet8", "--batch", "128", "--layout", "nhwc", "--json")
                .json("network")
                .at("/memory");
        assertThat(last.at("/workspaceBytes").asLong())
                .isLessThan(memory.at("/workspaceBytes").asLong());
        Run none = Run.withoutDevice("network", "resnet8", "--batch", "0");
        assertThat(none.exit()).isEqualTo(2);
        assertThat(none.err()).contains("--batch 0: expected 1..");
    }

    @Test
    void aConcatenationHoldsSeveralGroups() {
        JsonNode json = Run.withoutDevice("network", "googlenet", "--json").json("network");
        assertThat(json.at("/parameters/total").asLong()).isEqualTo(6_624_904);
        assertThat(layer(json, "inception3a").at("/group").asText())
                .isEqualTo("inception3a.branch1.conv inception3a.branch2.1.conv inception3a.branch3.1.conv"
                        + " inception3a.branch4.1.conv");
        assertThat(layer(json, "inception3a").at("/output").toString()).isEqualTo("[256,28,28]");
    }

    @Test
    void depthwiseConvolutionsNarrowWithTheirInputs() throws IOException {
        Path widths =
                Files.writeString(folder.resolve("widths.json"), "{\"features.0.0\": 20, \"features.3.conv.0.0\": 0}");
        JsonNode json = Run.withoutDevice("network", "mobilenetv2", "--widths", widths.toString(), "--json")
                .json("network");
        assertThat(layer(json, "features.1.conv.0.0").at("/operation").asText()).isEqualTo("convolution 3x3 groups 20");
        assertThat(layer(json, "features.1.conv.0.0").at("/parameters/total").asInt())
                .isEqualTo(20 * 9);
        assertThat(json.at("/layers").toString()).doesNotContain("features.3.conv");
    }

    @Test
    void aCheckpointIsANetworkAndGivesItsWeightsToAnotherName() throws IOException {
        Network network = Zoo.network("resnet8");
        ModelState state = new Initializer(7).initialize(network);
        Path checkpoint = folder.resolve("some.safetensors");
        new Checkpoint(network, state, Map.of()).write(checkpoint);
        Path whole = folder.resolve("whole.onnx");
        Path named = folder.resolve("named.onnx");
        Path fresh = folder.resolve("fresh.onnx");
        Run run = Run.withoutDevice("network", checkpoint.toString(), "--onnx", whole.toString(), "--json");
        assertThat(run.json("network").at("/macs/total").asLong()).isEqualTo(12_313_216);
        assertThat(OnnxFile.read(whole, Optional.empty()).state()).isEqualTo(state);
        Run.withoutDevice("network", "resnet8", "--from", checkpoint.toString(), "--onnx", named.toString());
        assertThat(OnnxFile.read(named, Optional.empty()).state()).isEqualTo(state);
        Run.withoutDevice("network", "resnet8", "--onnx", fresh.toString());
        assertThat(OnnxFile.read(fresh, Optional.empty()).state()).isNotEqualTo(state);
        Run other = Run.withoutDevice("network", checkpoint.toString(), "--input", "3x16x16");
        assertThat(other.exit()).isEqualTo(2);
        assertThat(other.err()).contains("--input 3x16x16: the file's network takes images of 3x32x32");
        Run classes = Run.withoutDevice("network", checkpoint.toString(), "--classes", "3");
        assertThat(classes.err()).contains("--classes 3: the file's network has 10");
        Run wide = Run.withoutDevice("network", "resnet20", "--from", checkpoint.toString());
        assertThat(wide.err())
                .contains("these are not the weights of resnet20: it has no tensor layer1.1.conv1.weight");
    }

    private static JsonNode layer(JsonNode json, String name) {
        for (JsonNode layer : json.at("/layers")) {
            if (layer.at("/name").asText().equals(name)) {
                return layer;
            }
        }
        throw new AssertionError("no layer " + name);
    }

    @Test
    void theNetworkMayBeNamedByOptionToo() {
        assertThat(Run.withoutDevice("network", "--network", "vgg8").out())
                .isEqualTo(Run.withoutDevice("network", "vgg8").out())
                .startsWith("vgg8  input 3x32x32  classes 10\n");
    }

    @Test
    void imageAndClassesMayBeOthers() {
        JsonNode json = Run.withoutDevice("network", "resnet20", "--input", "1x28x28", "--classes", "7", "--json")
                .json("network");
        assertThat(json.at("/input").toString()).isEqualTo("[1,28,28]");
        assertThat(json.at("/classes").asInt()).isEqualTo(7);
    }

    @Test
    void widthsShrinkGroupsAndZeroRemovesABranch() throws IOException {
        Path widths =
                Files.writeString(folder.resolve("widths.json"), "{\"layer1.0.conv1\": 8, \"layer3.0.conv1\": 0}");
        Run run = Run.withoutDevice("network", "resnet8", "--widths", widths.toString(), "--json");
        JsonNode json = run.json("network");
        assertThat(json.at("/groups").toString()).contains("\"id\":\"layer1.0.conv1\",\"channels\":8,");
        assertThat(json.at("/layers").toString()).doesNotContain("layer3.0.conv");
    }

    @Test
    void uniformWidthsAreTheSameFractionOfEveryGroupThatMayShrink() {
        assertThat(widths("uniform:0.3"))
                .containsEntry("conv1", 5)
                .containsEntry("layer2.0.conv1", 10)
                .containsEntry("layer3.0.conv1", 19)
                .containsEntry("fc", 10);
        assertThat(widths("uniform:1")).isEqualTo(widths("uniform:0.999"));
        assertThat(widths("uniform:0.001")).containsEntry("conv1", 1).containsEntry("layer3.0.conv1", 1);
    }

    /** Channels by group of a resnet8 cut to these widths. */
    private static Map<String, Integer> widths(String option) {
        Map<String, Integer> widths = new LinkedHashMap<>();
        Run.withoutDevice("network", "resnet8", "--widths", option, "--json")
                .json("network")
                .at("/groups")
                .forEach(group -> widths.put(
                        group.at("/id").asText(), group.at("/channels").asInt()));
        return widths;
    }

    @Test
    void aNetworkWrittenAsOnnxIsTheSameNetwork() {
        String file = folder.resolve("one.onnx").toString();
        String dense = Run.withoutDevice("network", "mobilenetv2", "--onnx", file, "--json")
                .out();
        assertThat(Run.withoutDevice("network", file, "--json").out()).isEqualTo(dense);
        assertThat(Run.withoutDevice("network", "--network", file, "--json").out())
                .isEqualTo(dense);
        String smaller = folder.resolve("smaller.onnx").toString();
        String cut = Run.withoutDevice("network", file, "--widths", "uniform:0.5", "--onnx", smaller, "--json")
                .out();
        assertThat(Run.withoutDevice("network", smaller, "--json").out())
                .isEqualTo(cut)
                .isNotEqualTo(dense);
        assertThat(Run.withoutDevice("network", "mobilenetv2", "--widths", "uniform:0.5", "--json")
                        .out())
                .isEqualTo(cut);
    }

    @Test
    void anOnnxFileSaysItsImagesAndClassesItself() {
        String file = folder.resolve("one.onnx").toString();
        assertThat(Run.withoutDevice("network", "resnet8", "--onnx", file).exit())
                .isZero();
        Run image = Run.withoutDevice("network", file, "--input", "3x28x28");
        assertThat(image.exit()).isEqualTo(2);
        assertThat(image.err()).contains("a size of 32 where 28 is wanted");
        Run classes = Run.withoutDevice("network", file, "--classes", "7");
        assertThat(classes.exit()).isEqualTo(2);
        assertThat(classes.err()).contains("--classes 7: the file's network has 10");
        assertThat(Run.withoutDevice("network", file, "--input", "3x32x32", "--classes", "10")
                        .exit())
                .isZero();
    }

    @Test
    void theListNamesEveryNetwork() {
        Run run = Run.withoutDevice("network", "--list");
        assertThat(run.out())
                .contains("resnet20-proj")
                .contains("vgg16-nobn")
                .containsPattern("mobilenetv2 +3x224x224 +1000");
        JsonNode json = Run.withoutDevice("network", "--list", "--json").json("network");
        assertThat(json.at("/networks")).hasSize((int) run.out().lines().count() - 1);
    }
}
