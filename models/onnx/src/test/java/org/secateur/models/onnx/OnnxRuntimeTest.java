package org.secateur.models.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.secateur.models.core.graph.HostTensor;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Parameters;
import org.secateur.models.core.graph.Surgery;
import org.secateur.models.core.graph.Surgery.Shrunk;

/** Files against ONNX Runtime, the program that they are made for. */
@Tag("native")
class OnnxRuntimeTest {
    /** Of max(1, the largest logit): float rounding over some hundred layers. */
    private static final double TOLERANCE = 1e-4;

    @TempDir
    Path folder;

    @ParameterizedTest
    @MethodSource("org.secateur.models.core.zoo.Zoo#names")
    void everyNetworkOfTheZooComesBackEqualAndComputesTheSame(String name) throws IOException, OrtException {
        Network network = Samples.small(name);
        ModelState state = Samples.state(network, 1);
        assertSame(network, state);
        Shrunk pruned = Surgery.shrink(network, state, Samples.kept(network, 2));
        assertThat(pruned.network()).isNotEqualTo(network);
        assertSame(pruned.network(), pruned.state());
    }

    @Test
    void soDoesEveryKindOfLayerInUnusualForms() throws IOException, OrtException {
        Network network = Samples.patchwork();
        assertSame(network, Samples.state(network, 3));
    }

    private void assertSame(Network network, ModelState state) throws IOException, OrtException {
        Path file = written(network, state);
        OnnxFile read = OnnxFile.read(file, Optional.empty());
        assertThat(read.network()).isEqualTo(network);
        assertThat(read.state()).isEqualTo(state);
        assertThat(read.state().parameters().keySet())
                .containsExactlyElementsOf(Parameters.of(network).stream()
                        .filter(tensor -> tensor.kind() == Parameters.Kind.TRAINED)
                        .map(Parameters.Tensor::name)
                        .toList());
        float[] image = Samples.image(network, 4);
        double[] expected = Reference.logits(network, state, image);
        double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        assertThat(largest).isFinite().isPositive();
        assertThat(OnnxRuntime.logits(file, network.input(), image))
                .containsExactly(expected, Offset.offset(TOLERANCE * Math.max(1, largest)));
        Files.delete(file);
    }

    /** So that the tolerance would show any weight that got lost. */
    @Test
    void everyTensorReachesTheLogits() throws IOException, OrtException {
        Network network = Samples.patchwork();
        ModelState state = Samples.state(network, 5);
        float[] image = Samples.image(network, 6);
        double[] logits = OnnxRuntime.logits(written(network, state), network.input(), image);
        for (Parameters.Tensor tensor : Parameters.of(network)) {
            ModelState other = changed(state, tensor.name());
            double[] changed = OnnxRuntime.logits(written(network, other), network.input(), image);
            double difference = 0;
            for (int i = 0; i < logits.length; i++) {
                difference = Math.max(difference, Math.abs(changed[i] - logits[i]));
            }
            assertThat(difference).as(tensor.name()).isGreaterThan(10 * TOLERANCE);
        }
    }

    /** The state with one tensor's numbers a half larger. */
    private static ModelState changed(ModelState state, String name) {
        return new ModelState(changed(state.parameters(), name), Map.of(), changed(state.buffers(), name));
    }

    private static Map<String, HostTensor> changed(Map<String, HostTensor> tensors, String name) {
        Map<String, HostTensor> changed = new LinkedHashMap<>();
        tensors.forEach((each, tensor) -> {
            HostTensor copy = tensor.copy();
            for (int i = 0; each.equals(name) && i < copy.data().length; i++) {
                copy.data()[i] *= 1.5f;
            }
            changed.put(each, copy);
        });
        return changed;
    }

    private Path written(Network network, ModelState state) throws IOException {
        Path file = folder.resolve("any.onnx");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
            new OnnxFile(network, state).write(out);
        }
        return file;
    }
}
