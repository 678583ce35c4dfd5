package org.secateur.models.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.secateur.models.onnx.GraphExport.integers;
import static org.secateur.models.onnx.GraphExport.whole;

import ai.onnxruntime.OrtException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Surgery;
import org.secateur.models.core.graph.Surgery.Shrunk;

/**
 * Graphs as other programs write them, each with one feature between two convolutions: ONNX Runtime computes the same of
 * the file itself, of what is written again, and of what is written after pruning.
 */
@Tag("native")
class ForeignGraphsTest {
    private static final double TOLERANCE = 1e-4;

    @TempDir
    Path folder;

    static Stream<Arguments> graphs() {
        return Stream.of(
                graph(
                        "an average that counts its padding",
                        b -> pool(b, "AveragePool", 3, counted(), pads(1, 1, 1, 1))),
                graph(
                        "the same with a stride and other pads",
                        b -> pool(b, "AveragePool", 3, counted(), strides(2), pads(0, 2, 1, 1))),
                graph("the same as TensorFlow pads", b -> pool(b, "AveragePool", 2, counted(), same("SAME_UPPER"))),
                graph("an average that rounds up", b -> pool(b, "AveragePool", 3, strides(2), pads(0, 0, 1, 1))),
                graph("a maximum that pads behind", b -> pool(b, "MaxPool", 3, strides(2), pads(0, 0, 1, 1))),
                graph("a maximum that pads before", b -> pool(b, "MaxPool", 3, pads(2, 1, 0, 0))),
                graph("a maximum as TensorFlow pads", b -> pool(b, "MaxPool", 2, same("SAME_LOWER"))),
                graph("a dilated maximum", b -> pool(b, "MaxPool", 2, integers("dilations", 3, 2), pads(1, 0, 1, 0))),
                graph("a convolution as TensorFlow pads", b -> convolution(b, "x", strides(2), same("SAME_UPPER"))),
                graph("a convolution padded from below", b -> convolution(b, "x", strides(2), same("SAME_LOWER"))),
                graph("a convolution with pads that differ", b -> convolution(b, "x", pads(0, 2, 1, 0))),
                graph(
                        "a pad before a convolution",
                        b -> convolution(
                                b.wholes("p", 0, 0, 0, 1, 0, 0, 1, 2).node("Pad", "pad", List.of("x", "p"), "b"), "b")),
                graph(
                        "zeros before an average that does not count its own",
                        b -> b.wholes("p", 0, 0, 1, 2, 0, 0, 1, 2)
                                .node("Pad", "pad", List.of("x", "p"), "b")
                                .node(
                                        "AveragePool",
                                        "pool",
                                        List.of("b"),
                                        "y",
                                        integers("kernel_shape", 3, 4),
                                        pads(1, 1, 1, 1))),
                graph(
                        "zeros before an average",
                        b -> b.wholes("p", 0, 0, 1, 1, 0, 0, 2, 1)
                                .node("Pad", "pad", List.of("x", "p"), "b")
                                .node("AveragePool", "pool", List.of("b"), "y", integers("kernel_shape", 3, 3))),
                graph(
                        "a pad with a number",
                        b -> b.wholes("p", 0, 0, 1, 0, 0, 0, 1, 2)
                                .scalar("v", 0.75f)
                                .node("Pad", "pad", List.of("x", "p", "v"), "b")
                                .node("AveragePool", "pool", List.of("b"), "y", integers("kernel_shape", 3, 2))),
                graph(
                        "bounds",
                        b -> b.scalar("l", -0.2f).scalar("h", 0.4f).node("Clip", "clip", List.of("x", "l", "h"), "y")),
                graph("an upper bound", b -> b.scalar("h", 0.1f).node("Clip", "clip", List.of("x", "", "h"), "y")),
                graph(
                        "a bias of all channels",
                        b -> b.scalar("c", 0.3f)
                                .node("Add", "add", List.of("x", "c"), "b")
                                .node("Relu", "relu", List.of("b"), "y")),
                graph(
                        "constants of channels and of columns",
                        b -> b.drawn("c", 1, 6, 1, 1)
                                .drawn("r", 7)
                                .node("Relu", "relu", List.of("x"), "b")
                                .node("Add", "add", List.of("c", "b"), "d")
                                .node("Sub", "sub", List.of("d", "r"), "y")));
    }

    private static Arguments graph(String name, UnaryOperator<FileBuilder> between) {
        return Arguments.of(name, between);
    }

    private static FileBuilder pool(FileBuilder file, String operator, int window, WireMessage... attributes) {
        WireMessage[] all = Arrays.copyOf(attributes, attributes.length + 1);
        all[attributes.length] = integers("kernel_shape", window, window);
        return file.node(operator, "pool", List.of("x"), "y", all);
    }

    private static FileBuilder convolution(FileBuilder file, String input, WireMessage... attributes) {
        return file.drawn("middle.weight", 5, 6, 3, 3)
                .drawn("middle.bias", 5)
                .node("Conv", "middle", List.of(input, "middle.weight", "middle.bias"), "y", attributes);
    }

    private static WireMessage counted() {
        return whole("count_include_pad", 1);
    }

    private static WireMessage strides(int each) {
        return integers("strides", each, each);
    }

    private static WireMessage pads(int above, int left, int below, int right) {
        return integers("pads", above, left, below, right);
    }

    private static WireMessage same(String side) {
        return FileBuilder.text("auto_pad", side);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("graphs")
    void theRuntimeComputesTheSame(String name, UnaryOperator<FileBuilder> between) throws IOException, OrtException {
        int made = name.contains("convolution") ? 5 : 6;
        FileBuilder builder = new FileBuilder()
                .input("images", 2, 3, 8, 7)
                .drawn("first.weight", 6, 3, 3, 3)
                .drawn("first.bias", 6);
        builder.node(
                "Conv", "first", List.of("images", "first.weight", "first.bias"), "x", integers("pads", 1, 1, 1, 1));
        between.apply(builder)
                .drawn("last.weight", 4, made, 2, 2)
                .drawn("fc.weight", 3, 4)
                .node("Conv", "last", List.of("y", "last.weight"), "z", integers("pads", 1, 1, 1, 1))
                .node("GlobalAveragePool", "mean", List.of("z"), "m")
                .node("Flatten", "flatten", List.of("m"), "f")
                .node("Gemm", "fc", List.of("f", "fc.weight"), "logits", whole("transB", 1))
                .output("logits");
        Path foreign = builder.write(folder.resolve("foreign.onnx"));
        OnnxFile read = OnnxFile.read(foreign, Optional.empty());
        float[] image = Samples.image(read.network(), 1);
        double[] expected = OnnxRuntime.logits(foreign, read.network().input(), image);
        assertThat(Arrays.stream(expected).map(Math::abs).max().orElseThrow()).isGreaterThan(1e-2);
        assertSame(read.network(), read.state(), image, expected);
        Path own = written(read.network(), read.state());
        OnnxFile again = OnnxFile.read(own, Optional.empty());
        assertThat(again.network().nodes()).isEqualTo(read.network().nodes());
        assertThat(again.state()).isEqualTo(read.state());
        Shrunk pruned = Surgery.shrink(read.network(), read.state(), Samples.kept(read.network(), 2));
        assertThat(pruned.network().nodes()).isNotEqualTo(read.network().nodes());
        assertSame(pruned.network(), pruned.state(), image, Reference.logits(pruned.network(), pruned.state(), image));
    }

    /** By our own reference and by the runtime of what is written. */
    private void assertSame(Network network, ModelState state, float[] image, double[] expected)
            throws IOException, OrtException {
        Offset<Double> offset = Offset.offset(TOLERANCE);
        assertThat(Reference.logits(network, state, image)).containsExactly(expected, offset);
        assertThat(OnnxRuntime.logits(written(network, state), network.input(), image))
                .containsExactly(expected, offset);
    }

    private Path written(Network network, ModelState state) throws IOException {
        Path file = folder.resolve("own.onnx");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
            new OnnxFile(network, state).write(out);
        }
        return file;
    }
}
