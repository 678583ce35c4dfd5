package org.secateur.models.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.secateur.models.onnx.GraphExport.whole;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Shapes;
import org.secateur.models.onnx.Fields.ElementType;
import org.secateur.results.core.SecateurException;

/** Files that are damaged or mean harm: each is refused with a reason, within the memory that they are given. */
class HostileFilesTest {
    private static final long MEMORY = 1L << 26;

    @TempDir
    Path folder;

    private OnnxFile read(byte[] bytes) throws IOException {
        return OnnxFile.read(Files.write(folder.resolve("any.onnx"), bytes), Optional.empty(), MEMORY);
    }

    private void assertRefused(byte[] bytes, String reason) {
        assertThatThrownBy(() -> read(bytes))
                .isInstanceOf(SecateurException.class)
                .hasMessageContaining(reason)
                .hasMessageContaining("any.onnx");
    }

    private static byte[] sample() {
        Network network = Samples.patchwork();
        return FileBuilder.bytes(new GraphExport(network, Samples.state(network, 7)).model());
    }

    @Test
    void noPrefixOfAFileIsAFile() throws IOException {
        byte[] whole = sample();
        assertThat(read(whole).network()).isEqualTo(Samples.patchwork());
        SplittableRandom random = new SplittableRandom(8);
        for (int length = 0; length < whole.length; length += 1 + random.nextInt(40)) {
            byte[] prefix = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> read(prefix)).as("%d bytes", length).isInstanceOf(SecateurException.class);
        }
    }

    /** Mutations of several bytes, runs cut out and doubled; the campaign draws a hundred times as many. */
    @Test
    void everyMutationIsRefusedOrANetwork() throws IOException {
        int mutations = Boolean.getBoolean("secateur.campaign") ? 300_000 : 3_000;
        List<byte[]> files = List.of(sample(), classifier().bytes(), padded().bytes());
        SplittableRandom random = new SplittableRandom(9);
        int refused = 0;
        for (int i = 0; i < mutations; i++) {
            byte[] mutant = mutated(files.get(i % files.size()), random);
            try {
                OnnxFile file = read(mutant);
                assertThat(Shapes.of(file.network())).isNotEmpty();
            } catch (SecateurException e) {
                assertThat(e).hasMessageContaining("any.onnx");
                refused++;
            }
        }
        assertThat(refused).isBetween(mutations / 10, mutations - 1);
    }

    @Test
    void constantsThatAreNoneAndListsWithoutEndAreRefused() {
        FileBuilder empty = new FileBuilder()
                .input("x", 1, 2, 3, 3)
                .wholes("shape", 2)
                .node(
                        "ConstantOfShape",
                        "filled",
                        List.of("shape"),
                        "y",
                        FileBuilder.tensor("value", FileBuilder.wholesTensor("")))
                .output("y");
        assertRefused(empty.bytes(), "it has 0 numbers where one is expected");
        FileBuilder joined = new FileBuilder()
                .input("x", 1, 2, 3, 3)
                .wholes("one", 1)
                .node("Concat", "joined", Collections.nCopies(20_000, "one"), "y", whole("axis", 0))
                .output("y");
        assertRefused(joined.bytes(), "it joins more than 64 numbers");
    }

    private static byte[] mutated(byte[] file, SplittableRandom random) {
        byte[] mutant = file.clone();
        int changes = 1 + random.nextInt(6);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(mutant.length);
            int length = Math.min(mutant.length - at, 1 + random.nextInt(60));
            switch (random.nextInt(8)) {
                case 0 -> mutant = joined(mutant, at, at + length);
                case 1 -> mutant = joined(mutant, at + length, at);
                case 2 -> mutant[at] = (byte) 0xff;
                case 3 -> mutant[at] = 0;
                default -> mutant[at] = (byte) random.nextInt(256);
            }
        }
        return mutant;
    }

    /** The bytes up to one place, then those from another on. */
    private static byte[] joined(byte[] file, int end, int start) {
        byte[] joined = Arrays.copyOf(file, end + file.length - start);
        System.arraycopy(file, start, joined, end, file.length - start);
        return joined;
    }

    private static FileBuilder classifier() {
        return new FileBuilder()
                .input("x", 1, 2, 3, 3)
                .floats("conv.weight", 3, 2, 1, 1)
                .floats("fc.weight", 27, 5)
                .floats("fc.bias", 5)
                .wholes("shape", 1, -1)
                .node("Conv", "/conv/Conv", List.of("x", "conv.weight"), "c", whole("group", 1))
                .node("Reshape", "/Reshape", List.of("c", "shape"), "f")
                .node("MatMul", "/fc/MatMul", List.of("f", "fc.weight"), "p")
                .node("Add", "/fc/Add", List.of("p", "fc.bias"), "logits")
                .output("logits");
    }

    /** A graph with padding of every kind, as TensorFlow and PyTorch write it. */
    private static FileBuilder padded() {
        return new FileBuilder()
                .input("x", 1, 2, 9, 8)
                .drawn("conv.weight", 3, 2, 3, 2)
                .drawn("fc.weight", 5, 3)
                .scalar("low", -1)
                .scalar("high", 2)
                .wholes("pads", 0, 0, 1, 2, 0, 0, 0, 1)
                .node("Pad", "pad", List.of("x", "pads", "low"), "a")
                .node(
                        "Conv",
                        "/conv/Conv",
                        List.of("a", "conv.weight"),
                        "b",
                        GraphExport.integers("strides", 2, 1),
                        GraphExport.integers("dilations", 1, 2),
                        FileBuilder.text("auto_pad", "SAME_UPPER"))
                .node("Add", "add", List.of("b", "high"), "c")
                .node("Clip", "clip", List.of("c", "low", "high"), "d")
                .node(
                        "MaxPool",
                        "max",
                        List.of("d"),
                        "e",
                        GraphExport.integers("kernel_shape", 2, 2),
                        GraphExport.integers("dilations", 2, 1),
                        GraphExport.integers("pads", 0, 1, 1, 0))
                .node("Pad", "zeros", List.of("e", "pads"), "f")
                .node(
                        "AveragePool",
                        "mean",
                        List.of("f"),
                        "g",
                        GraphExport.integers("kernel_shape", 3, 3),
                        GraphExport.integers("pads", 1, 0, 0, 1),
                        whole("count_include_pad", 1),
                        whole("ceil_mode", 0))
                .node("GlobalAveragePool", "pool", List.of("g"), "h")
                .node("Flatten", "flatten", List.of("h"), "i", whole("axis", 1))
                .node("Gemm", "/fc/Gemm", List.of("i", "fc.weight"), "logits", whole("transB", 1))
                .output("logits");
    }

    @Test
    void theGraphWithPaddingOfEveryKindIsRead() throws IOException {
        assertThat(read(padded().bytes()).network().nodes().stream().map(Node::name))
                .containsExactly(
                        "pad", "conv.pad", "conv", "clip", "max.pad", "max", "zeros", "mean.pad", "mean", "pool", "fc");
    }

    /** A classifier whose weight is another tensor. */
    private static byte[] weighted(WireMessage weight) {
        return new FileBuilder()
                .input("x", 1, 2, 3, 3)
                .initializer(weight)
                .node("Conv", "/conv/Conv", List.of("x", "w"), "c")
                .node("GlobalAveragePool", "pool", List.of("c"), "logits")
                .output("logits")
                .bytes();
    }

    @Test
    void aTensorIsNoLargerThanItsBytes() {
        assertRefused(
                weighted(GraphExport.tensor("w", ElementType.FLOAT, 1 << 14, 2, 1 << 8, 1 << 7)
                        .floats(Fields.TENSOR_RAW, new float[8])),
                "tensor \"w\" of shape [16384, 2, 256, 128]: its values take 4294967296 bytes, and there are 32");
        assertRefused(
                weighted(GraphExport.tensor("w", ElementType.FLOAT, 1L << 40, 2, 1, 1)),
                "of shape [1099511627776, 2, 1, 1]: expected at most 8 sizes of 0..2147483647");
        assertRefused(
                weighted(GraphExport.tensor("w", ElementType.FLOAT, Integer.MAX_VALUE, Integer.MAX_VALUE, 4, 4)),
                "it has too many elements");
        assertRefused(
                weighted(GraphExport.tensor("w", ElementType.FLOAT, -3, 2, 1, 1)
                        .floats(Fields.TENSOR_RAW, new float[6])),
                "of shape [-3, 2, 1, 1]: expected");
        assertRefused(
                weighted(GraphExport.tensor("w", ElementType.FLOAT, 0, 2, 1, 1)), "its weight has shape [0, 2, 1, 1]");
        assertRefused(
                weighted(GraphExport.tensor("w", ElementType.INT64, 1, 2, 1, 1).longs(Fields.TENSOR_RAW, 1, 2)),
                "its type is number 7 of ONNX: expected 1, float");
        assertRefused(
                weighted(GraphExport.tensor("w", ElementType.FLOAT, new long[100_000])),
                "of 100000 sizes: expected at most 8");
    }

    @Test
    void sizesWithoutDataAreBounded() {
        assertRefused(
                new FileBuilder()
                        .input("x", 1, 1 << 20, 1 << 20, 3)
                        .node("GlobalAveragePool", "pool", List.of("x"), "logits")
                        .output("logits")
                        .bytes(),
                "its images have a size of 1048576: expected at least 1, and 8388608 numbers in all");
        assertRefused(
                new FileBuilder()
                        .input("x", 1, -7, 3, 3)
                        .node("GlobalAveragePool", "pool", List.of("x"), "logits")
                        .output("logits")
                        .bytes(),
                "its images have a size of -7");
        assertRefused(
                new FileBuilder()
                        .input("x", 1, 3, 3, 3)
                        .node(
                                "MaxPool",
                                "p",
                                List.of("x"),
                                "logits",
                                GraphExport.integers("kernel_shape", Long.MIN_VALUE, 1 << 30))
                        .output("logits")
                        .bytes(),
                "kernel_shape -9223372036854775808: expected 0..4096");
    }

    /** What they ask for would take gigabytes, divide by zero, or leave windows without a pixel. */
    @Test
    void absurdPadsStridesAndDilationsAreRefused() {
        assertRefused(window("MaxPool", GraphExport.integers("pads", 0, 0, -1, 0)), "pads -1: expected 0..4096");
        assertRefused(
                window("AveragePool", GraphExport.integers("pads", 4096, 4096, 4096, 4096)),
                "it pads by 4096,4096 and 4096,4096: expected less than its window, 2,2");
        assertRefused(window("MaxPool", GraphExport.integers("pads", 1, 1)), "it has 2 pads: expected four");
        assertRefused(window("MaxPool", GraphExport.integers("strides", 0, 1)), "strides are 0,1: expected at least 1");
        assertRefused(
                window("MaxPool", GraphExport.integers("strides", 0, 0), FileBuilder.text("auto_pad", "SAME_UPPER")),
                "strides are 0,0");
        assertRefused(
                new FileBuilder()
                        .input("x", 1, 3, 4, 4)
                        .drawn("w", 3, 3, 3, 3)
                        .node(
                                "Conv",
                                "conv",
                                List.of("x", "w"),
                                "logits",
                                GraphExport.integers("dilations", 4096, 1),
                                FileBuilder.text("auto_pad", "SAME_LOWER"))
                        .output("logits")
                        .bytes(),
                "auto_pad of 8192: expected 0..4096");
        assertRefused(
                window(
                        "MaxPool",
                        GraphExport.integers("dilations", 9, 9),
                        GraphExport.integers("pads", 1, 1, 1, 1),
                        GraphExport.integers("strides", 4096, 4096),
                        whole("ceil_mode", 1)),
                "dilation 9,9: expected that of a maximum, and at most the image");
        assertRefused(window("MaxPool", GraphExport.integers("dilations", 0, 1)), "dilations are 0,1");
        FileBuilder pads = new FileBuilder().input("v0", 1, 3, 8, 8).wholes("p", 0, 0, 4096, 4096, 0, 0, 4096, 4096);
        for (int i = 0; i < 9; i++) {
            pads.node("Pad", "pad" + i, List.of("v" + i, "p"), "v" + (i + 1));
        }
        assertRefused(pads.output("v9").bytes(), "is too large");
        assertRefused(
                new FileBuilder()
                        .input("x", 1, 3, 1024, 1024)
                        .drawn("c", 1, 1, 1024, 1024)
                        .drawn("w", 64, 3, 1, 1)
                        .node("Conv", "conv", List.of("x", "w"), "y")
                        .node("Add", "add", List.of("y", "c"), "z")
                        .node("GlobalAveragePool", "pool", List.of("z"), "logits")
                        .output("logits")
                        .bytes(),
                "its weights are too many for the memory");
    }

    /** A graph of one pool with a window of two by two. */
    private static byte[] window(String operator, WireMessage... attributes) {
        WireMessage[] all = Arrays.copyOf(attributes, attributes.length + 1);
        all[attributes.length] = GraphExport.integers("kernel_shape", 2, 2);
        return new FileBuilder()
                .input("x", 1, 3, 4, 4)
                .node(operator, "p", List.of("x"), "y", all)
                .node("GlobalAveragePool", "pool", List.of("y"), "logits")
                .output("logits")
                .bytes();
    }

    @Test
    void onlyFewConstantsAreComputedWith() {
        assertRefused(
                classifier()
                        .wholes("huge", 1L << 30, 1L << 30)
                        .node("ConstantOfShape", "huge", List.of("huge"), "h")
                        .bytes(),
                "node \"huge\" (ConstantOfShape): its shape is [1073741824, 1073741824]: expected at most 64 numbers");
        assertRefused(
                classifier()
                        .wholes("many", new long[100])
                        .node("Unsqueeze", "many", List.of("many", "shape"), "m")
                        .bytes(),
                "it computes with 100 constants: expected at most 64");
        FileBuilder file = classifier().wholes("c0", new long[40]);
        for (int i = 0; i < 60; i++) {
            file.node("Concat", "c" + i, List.of("c" + i, "c" + i), "c" + (i + 1), whole("axis", 0));
        }
        assertRefused(file.bytes(), "(Concat): it joins more than 64 numbers");
    }

    @Test
    void aNetworkThatDoublesItselfIsStopped() {
        FileBuilder file = new FileBuilder().input("v0", 1, 3, 3, 3).output("logits");
        for (int i = 0; i < 60; i++) {
            file.node("Concat", "c" + i, List.of("v" + i, "v" + i), "v" + (i + 1), whole("axis", 1));
        }
        file.node("GlobalAveragePool", "pool", List.of("v60"), "logits");
        assertRefused(file.bytes(), "more than 2097152 channels");
    }

    @Test
    void aNetworkOfTooManyLayersIsStopped() {
        FileBuilder file = new FileBuilder().input("v0", 1, 3, 3, 3).output("v20000");
        for (int i = 0; i < 20_000; i++) {
            file.node("Relu", "", List.of("v" + i), "v" + (i + 1));
        }
        assertRefused(file.bytes(), "it has more than 10000 layers");
    }

    /** Thousands of layers that each take a copy of the same million weights. */
    @Test
    void sharedWeightsAreNotCopiedWithoutEnd() {
        FileBuilder file = new FileBuilder()
                .input("v0", 1, 1000, 1, 1)
                .floats("w", 1000, 1000, 1, 1)
                .output("v9000");
        for (int i = 0; i < 9_000; i++) {
            file.node("Conv", "", List.of("v" + i, "w"), "v" + (i + 1));
        }
        assertRefused(file.bytes(), "its weights are too many for the memory");
    }

    /** Graphs within attributes of nodes within graphs, and groups, which are nested without lengths. */
    @Test
    void deepNestingIsPassedOver() {
        int graphInAttribute = 6;
        WireMessage nested = new WireMessage();
        for (int i = 0; i < 2_000; i++) {
            WireMessage attribute = new WireMessage().message(graphInAttribute, nested);
            WireMessage node = new WireMessage().message(Fields.NODE_ATTRIBUTE, attribute);
            nested = new WireMessage().message(Fields.GRAPH_NODE, node);
        }
        FileBuilder file = classifier();
        WireMessage body = new WireMessage().text(Fields.ATTRIBUTE_NAME, "body").message(graphInAttribute, nested);
        file.node("Relu", "loop", List.of("p"), "unused", body);
        assertRefused(file.bytes(), "node \"loop\" (Relu): attribute \"body\" is not known");
        byte[] groups = new byte[1 << 20];
        Arrays.fill(groups, (byte) 0x0b);
        assertRefused(groups, "has the form 3: expected 2");
    }

    @Test
    void aFileLargerThanTheMemoryIsNotRead() throws IOException {
        Path file = classifier().write(folder.resolve("any.onnx"));
        assertThatThrownBy(() -> OnnxFile.read(file, Optional.empty(), 100))
                .isInstanceOf(SecateurException.class)
                .hasMessageContaining("the memory that this program has is enough for 100");
        assertThatThrownBy(() -> OnnxFile.read(folder, Optional.empty()))
                .hasMessageContaining("there is no such ONNX file");
        assertThatThrownBy(() -> OnnxFile.read(folder.resolve("none.onnx"), Optional.empty()))
                .hasMessageContaining("there is no such ONNX file");
    }

    private static WireMessage external(Map<String, String> entries) {
        WireMessage tensor = GraphExport.tensor("w", ElementType.FLOAT, 3, 2, 1, 1);
        entries.forEach((key, value) -> tensor.message(
                Fields.TENSOR_EXTERNAL,
                new WireMessage().text(Fields.ENTRY_KEY, key).text(Fields.ENTRY_VALUE, value)));
        return tensor.whole(Fields.TENSOR_LOCATION, 1);
    }

    @Test
    void externalDataIsReadFromBesideTheFile() throws IOException {
        Files.write(folder.resolve("any.onnx.data"), new byte[40]);
        OnnxFile file = read(weighted(external(Map.of("location", "any.onnx.data", "offset", "8", "length", "24"))));
        assertThat(file.state().parameter("conv.weight").data()).containsExactly(new float[6]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../secret", "/etc/passwd", "sub/../../secret", "", "link"})
    void externalDataElsewhereIsRefused(String location) throws IOException {
        Path secret = Files.createTempFile("secret", null);
        try {
            Files.write(secret, new byte[24]);
            Files.createSymbolicLink(folder.resolve("link"), secret);
            assertRefused(weighted(external(Map.of("location", location))), "outside the directory of the ONNX file");
        } finally {
            Files.delete(secret);
        }
    }

    @Test
    void externalDataThatIsNotThereIsRefused() throws IOException {
        Files.write(folder.resolve("data"), new byte[24]);
        assertRefused(weighted(external(Map.of("location", "gone"))), "there is no such file beside the ONNX file");
        assertRefused(
                weighted(external(Map.of("location", "data", "offset", "16"))),
                "its values take 24 bytes, and there are 8");
        assertRefused(
                weighted(external(Map.of("location", "data", "offset", "99999999999"))),
                "0 bytes from 99999999999 on are wanted of 24 bytes");
        assertRefused(weighted(external(Map.of("location", "data", "length", "-1"))), "expected a number of bytes");
        assertRefused(weighted(external(Map.of("location", "da\0ta"))), "Nul character not allowed");
        List<WireMessage> many = new ArrayList<>(Collections.nCopies(40, external(Map.of("location", "large"))));
        Files.write(folder.resolve("large"), new byte[1 << 21]);
        FileBuilder file = new FileBuilder().input("x", 1, 2, 3, 3).output("x");
        many.forEach(file::initializer);
        assertRefused(file.bytes(), "2097152 bytes are too many for the memory");
    }
}
