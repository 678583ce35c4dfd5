package org.secateur.models.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.secateur.models.core.graph.Node;

/** Files that PyTorch itself exported (src/test/python/export.py), against the logits that it computed. */
class ExportedFilesTest {

    static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder())) {
            return files.filter(file -> file.toString().endsWith(".onnx"))
                    .sorted()
                    .toList();
        }
    }

    private static Path folder() {
        URL url = Objects.requireNonNull(ExportedFilesTest.class.getResource("exported"));
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void theImportedNetworkComputesWhatPytorchComputed(Path file) throws IOException {
        OnnxFile read = OnnxFile.read(file, Optional.empty());
        String name = file.getFileName().toString().replaceAll("-.*", "");
        double[] expected = Files.readAllLines(folder().resolve(name + ".txt")).stream()
                .mapToDouble(Double::parseDouble)
                .toArray();
        float[] image = new float[read.network().input().elements()];
        for (int i = 0; i < image.length; i++) {
            image[i] = (float) Math.sin(i);
        }
        assertThat(Reference.logits(read.network(), read.state(), image))
                .containsExactly(expected, Offset.offset(1e-5));
    }

    /** Without folding, so that batch norm can be trained on. */
    @Test
    void theImportedWeightsHaveTheNamesThatTheyHadInPytorch() {
        OnnxFile read = OnnxFile.read(folder().resolve("residual-preserved.onnx"), Optional.empty());
        assertThat(read.state().parameters().keySet())
                .contains(
                        "conv1.weight",
                        "bn1.weight",
                        "layer1.1.conv2.weight",
                        "layer1.1.bn2.bias",
                        "fc.weight",
                        "fc.bias")
                .hasSize(17);
        assertThat(read.state().buffers().keySet())
                .contains("layer1.0.bn1.running_var")
                .hasSize(10);
        assertThat(read.network().nodes().stream().map(Node::name))
                .contains("layer1.0.relu", "layer1.0.relu_1", "layer1.1.add", "layer1.1.pad", "avgpool");
    }
}
