package org.secateur.models.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.secateur.models.onnx.GraphExport.integers;
import static org.secateur.models.onnx.GraphExport.number;
import static org.secateur.models.onnx.GraphExport.whole;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.onnx.Fields.ElementType;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.Operand;
import org.secateur.results.core.Operation.PoolingKind;
import org.secateur.results.core.SecateurException;

/** Graphs in the forms in which PyTorch's exporters write them. */
class OnnxImportTest {
    private static final String IN = "images";

    @TempDir
    Path folder;

    /** {@code images -> logits}: a convolution to four channels, what is between, a global pool and its flatten. */
    private OnnxFile read(UnaryOperator<FileBuilder> between) {
        FileBuilder file = new FileBuilder().input(IN, 1, 3, 8, 6).floats("conv.weight", 4, 3, 3, 3);
        file.node("Conv", "/conv/Conv", List.of(IN, "conv.weight"), "x", integers("pads", 1, 1, 1, 1));
        between.apply(file)
                .node("GlobalAveragePool", "/pool/GlobalAveragePool", List.of("y"), "pooled")
                .node("Flatten", "/Flatten", List.of("pooled"), "logits", whole("axis", 1))
                .output("logits");
        return OnnxFile.read(file.write(folder.resolve("some model.onnx")), Optional.empty());
    }

    private static List<String> names(OnnxFile file) {
        return file.network().nodes().stream().map(Node::name).toList();
    }

    private static Layer layer(OnnxFile file, String name) {
        return file.network().node(name).orElseThrow().layer();
    }

    @Test
    void aNetworkIsNamedByItsFileAndItsLayersAsPytorchNamesThem() {
        OnnxFile file = read(b -> b.node("Relu", "/layer1/layer1.0/relu/Relu", List.of("x"), "y"));
        assertThat(file.network().name()).isEqualTo("some_model");
        assertThat(file.network().input()).isEqualTo(new Shape(3, 8, 6));
        assertThat(file.network().classes()).isEqualTo(4);
        assertThat(names(file)).containsExactly("conv", "layer1.0.relu", "pool");
        assertThat(layer(file, "layer1.0.relu")).isEqualTo(new Layer.Activation(ActivationKind.RELU));
        assertThat(file.state().parameters().keySet()).containsExactly("conv.weight");
        assertThat(file.state().parameter("conv.weight").data()[1]).isEqualTo(1);
    }

    @Test
    void namesWithoutAWeightFollowTheScopeAndAreGivenOnce() {
        OnnxFile file = read(b -> b.floats("onnx::Conv_12", 4, 1, 1, 1)
                .node(
                        "Conv",
                        "/features/features.1/conv/conv.0/conv.0.0/Conv",
                        List.of("x", "onnx::Conv_12"),
                        "a",
                        whole("group", 4))
                .node("Relu", "/relu/Relu", List.of("a"), "b")
                .node("Relu", "/relu/Relu", List.of("b"), "c")
                .node("Add", "/layer1/Add", List.of("a", "c"), "y"));
        assertThat(names(file)).containsExactly("conv", "features.1.conv.0.0", "relu", "relu_2", "layer1.add", "pool");
        assertThat(layer(file, "features.1.conv.0.0"))
                .isEqualTo(new Layer.Convolution(4, Extent.of(1), Extent.of(1), Extent.of(0), Extent.of(1), 4, false));
    }

    /** The product is read behind the dropout too, where it has no bias. */
    @Test
    void aBiasBehindAnotherNodeIsAShiftOfItsOwn() {
        FileBuilder file = new FileBuilder()
                .input(IN, 1, 2, 1, 1)
                .floats("fc.weight", 2, 5)
                .floats("fc.bias", 5)
                .node("Flatten", "/Flatten", List.of(IN), "f", whole("axis", 1))
                .node("MatMul", "/fc/MatMul", List.of("f", "fc.weight"), "p")
                .node("Dropout", "/drop/Dropout", List.of("p"), "d")
                .node("Add", "/Add", List.of("d", "fc.bias"), "s")
                .node("Add", "/Add_1", List.of("s", "d"), "logits")
                .output("logits");
        OnnxFile read = OnnxFile.read(file.write(folder.resolve("twice.onnx")), Optional.empty());
        assertThat(read.network().nodes().stream().map(Node::layer))
                .containsSubsequence(new Layer.Linear(5, false), new Layer.Shift(Operand.CHANNEL), new Layer.Add());
    }

    @Test
    void batchNormInTrainingAndPadsThatAreNotValidAreRefused() {
        assertRefused(
                b -> b.opset(13)
                        .floats("w", 4)
                        .node(
                                "BatchNormalization",
                                "",
                                "bn",
                                List.of("x", "w", "w", "w", "w"),
                                List.of("y", "mean", "var")),
                "node \"bn\" (BatchNormalization): it hands on its statistics");
        assertRefused(
                b -> b.node(
                        "MaxPool",
                        "pool",
                        List.of("x"),
                        "y",
                        integers("kernel_shape", 2, 2),
                        integers("pads", 1, 1, 1, 1),
                        FileBuilder.text("auto_pad", "VALID")),
                "node \"pool\" (MaxPool): auto_pad is VALID");
    }

    @Test
    void aClipIsRelu6OrRelu() {
        OnnxFile file = read(b -> b.opset(11)
                .scalar("zero", 0)
                .node(
                        "Constant",
                        "",
                        List.of(),
                        "six",
                        FileBuilder.tensor(
                                "value",
                                GraphExport.tensor("", ElementType.FLOAT).floats(Fields.TENSOR_RAW, new float[] {6})))
                .node("Clip", "six", List.of("x", "zero", "six"), "a")
                .node("Clip", "open", List.of("a", "zero", ""), "y"));
        assertThat(layer(file, "six")).isEqualTo(new Layer.Activation(ActivationKind.RELU6));
        assertThat(layer(file, "open")).isEqualTo(new Layer.Activation(ActivationKind.RELU));
    }

    @Test
    void aClipHasAnyBounds() {
        OnnxFile file = read(b -> b.scalar("low", -0.1f)
                .scalar("high", 2.5f)
                .scalar("lowest", -Float.MAX_VALUE)
                .scalar("highest", Float.MAX_VALUE)
                .node("Clip", "both", List.of("x", "low", "high"), "a")
                .node("Clip", "above", List.of("a", "lowest", "high"), "b")
                .node("Clip", "below", List.of("b", "low"), "c")
                .node("Clip", "neither", List.of("c", "lowest", "highest"), "y"));
        assertThat(names(file)).containsExactly("conv", "both", "above", "below", "pool");
        assertThat(layer(file, "both")).isEqualTo(new Layer.Activation(new ActivationKind(-0.1, 2.5)));
        assertThat(layer(file, "above"))
                .isEqualTo(new Layer.Activation(new ActivationKind(Double.NEGATIVE_INFINITY, 2.5)));
        assertThat(layer(file, "below"))
                .isEqualTo(new Layer.Activation(new ActivationKind(-0.1, Double.POSITIVE_INFINITY)));
        assertRefused(
                b -> b.scalar("one", 1).node("Clip", "c", List.of("x", "one", "one"), "y"),
                "node \"c\" (Clip): it clips to 1.0..1.0: expected the first below the second");
        assertRefused(b -> b.scalar("nan", Float.NaN).node("Clip", "c", List.of("x", "nan"), "y"), "it clips to NaN..");
    }

    @Test
    void batchNormKeepsTheNumbersThatPytorchHad() {
        OnnxFile file = read(b -> b.floats("bn.weight", 4)
                .floats("bn.bias", 4)
                .floats("bn.running_mean", 4)
                .floats("bn.running_var", 4)
                .node(
                        "BatchNormalization",
                        "/bn/BatchNormalization",
                        List.of("x", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"),
                        "y",
                        number("epsilon", 1e-3f),
                        number("momentum", 0.9f)));
        assertThat(layer(file, "bn")).isEqualTo(new Layer.BatchNorm(1e-3, 0.1));
        assertThat(file.state().buffer("bn.running_var").data()).containsExactly(0.5f, 1, 1.5f, 2);
    }

    @Test
    void whatDoesNothingLeavesNoLayer() {
        OnnxFile file = read(b -> b.scalar("half", 0.5f)
                .node("Identity", "i", List.of("x"), "a")
                .node("Dropout", "d", List.of("a", "half"), "b")
                .node(
                        "AveragePool",
                        "p",
                        List.of("b"),
                        "y",
                        integers("kernel_shape", 1, 1),
                        whole("count_include_pad", 1)));
        assertThat(names(file)).containsExactly("conv", "pool");
    }

    @Test
    void whatTheLogitsDoNotDependOnIsLeftOut() {
        OnnxFile file = read(b -> b.floats("unused.weight", 2, 4, 1, 1)
                .node("Conv", "unused", List.of("x", "unused.weight"), "z")
                .node("Relu", "relu", List.of("x"), "y"));
        assertThat(names(file)).containsExactly("conv", "relu", "pool");
        assertThat(file.state().parameters()).containsOnlyKeys("conv.weight");
    }

    @Test
    void padsBeforeAConvolutionAreItsPadding() {
        OnnxFile file = read(b -> b.wholes("pads", 0, 0, 2, 1, 0, 0, 2, 1)
                .floats("second.weight", 4, 4, 3, 3)
                .node("Pad", "/pad/Pad", List.of("x", "pads"), "a")
                .node("Conv", "/second/Conv", List.of("a", "second.weight"), "y", integers("pads", 1, 1, 1, 1)));
        assertThat(names(file)).containsExactly("conv", "second", "pool");
        assertThat(((Layer.Convolution) layer(file, "second")).padding()).isEqualTo(new Extent(3, 2));
    }

    @Test
    void padsBeforeAnythingElseAndPadsThatDifferAreLayers() {
        OnnxFile read = read(b -> b.wholes("pads", 0, 0, 2, 1, 0, 0, 2, 1)
                .node("Pad", "/Pad", List.of("x", "pads"), "a")
                .node("Relu", "r", List.of("a"), "y"));
        assertThat(layer(read, "pad")).isEqualTo(new Layer.Pad(new Extent(2, 1), new Extent(2, 1), 0));
        OnnxFile differing = read(b -> b.wholes("pads", 0, 0, 0, 1, 0, 0, 1, 2)
                .drawn("second.weight", 4, 4, 3, 3)
                .node("Pad", "/Pad", List.of("x", "pads"), "a")
                .node("Conv", "/second/Conv", List.of("a", "second.weight"), "y", integers("pads", 1, 2, 1, 0)));
        assertThat(names(differing)).containsExactly("conv", "pad", "second.pad", "second", "pool");
        assertThat(layer(differing, "pad")).isEqualTo(new Layer.Pad(new Extent(0, 0), new Extent(1, 1), 0));
        assertThat(layer(differing, "second.pad")).isEqualTo(new Layer.Pad(new Extent(0, 2), new Extent(0, 0), 0));
        assertThat(((Layer.Convolution) layer(differing, "second")).padding()).isEqualTo(new Extent(1, 1));
        OnnxFile averaged = read(b -> b.wholes("pads", 0, 0, 1, 1, 0, 0, 1, 1)
                .node("Pad", "/Pad", List.of("x", "pads"), "a")
                .node("AveragePool", "p", List.of("a"), "y", integers("kernel_shape", 3, 3)));
        assertThat(names(averaged)).containsExactly("conv", "p", "pool");
        assertThat(layer(averaged, "p"))
                .isEqualTo(
                        new Layer.Pooling(PoolingKind.PADDED_AVERAGE, Extent.of(3), Extent.of(1), Extent.of(1), false));
        OnnxFile up = read(b -> b.wholes("pads", 0, 0, 1, 1, 0, 0, 1, 1)
                .node("Pad", "/Pad", List.of("x", "pads"), "a")
                .node("AveragePool", "p", List.of("a"), "y", integers("kernel_shape", 3, 3), whole("ceil_mode", 1)));
        assertThat(names(up)).containsExactly("conv", "p.pad", "p", "pool");
        OnnxFile lowest = read(b -> b.wholes("pads", 0, 0, 0, 0, 0, 0, 1, 1)
                .scalar("least", Float.NEGATIVE_INFINITY)
                .node("Pad", "p", List.of("x", "pads", "least"), "a")
                .node("MaxPool", "m", List.of("a"), "y", integers("kernel_shape", 2, 2)));
        assertThat(layer(lowest, "p")).isEqualTo(new Layer.Pad(Extent.of(0), Extent.of(1), Layer.Pad.LOWEST));
        assertRefused(
                b -> b.wholes("pads", 0, 1, 0, 0, 0, 0, 0, 0)
                        .scalar("one", 1)
                        .node("Pad", "p", List.of("x", "pads", "one"), "y"),
                "node \"p\" (Pad): it pads channels with 1.0");
        assertRefused(
                b -> b.wholes("pads", 1, 0, 0, 0, 0, 0, 0, 0).node("Pad", "p", List.of("x", "pads"), "y"),
                "it pads the batch");
    }

    /** TensorFlow's "same": as many windows as strides begin in the image, here of 8x6 pixels. */
    @Test
    void automaticPadsAreWorkedOut() {
        OnnxFile file = read(b -> b.drawn("a.weight", 4, 4, 3, 3)
                .drawn("b.weight", 4, 4, 2, 2)
                .node(
                        "Conv",
                        "a",
                        List.of("x", "a.weight"),
                        "a",
                        integers("strides", 2, 1),
                        FileBuilder.text("auto_pad", "SAME_UPPER"))
                .node("Conv", "b", List.of("a", "b.weight"), "b", FileBuilder.text("auto_pad", "SAME_LOWER"))
                .node(
                        "MaxPool",
                        "valid",
                        List.of("b"),
                        "y",
                        integers("kernel_shape", 2, 2),
                        FileBuilder.text("auto_pad", "VALID")));
        assertThat(layer(file, "a.pad")).isEqualTo(new Layer.Pad(new Extent(0, 0), new Extent(1, 0), 0));
        assertThat(((Layer.Convolution) layer(file, "a")).padding()).isEqualTo(new Extent(0, 1));
        assertThat(layer(file, "b.pad")).isEqualTo(new Layer.Pad(new Extent(1, 1), new Extent(0, 0), 0));
        assertThat(((Layer.Convolution) layer(file, "b")).padding()).isEqualTo(Extent.of(0));
        assertThat(layer(file, "valid"))
                .isEqualTo(new Layer.Pooling(
                        PoolingKind.MAX, Extent.of(2), Extent.of(1), Extent.of(0), false, Extent.of(1)));
    }

    /** On 8x6 pixels. Padding behind the image alone is one window more, if it is anything. */
    @Test
    void poolsThatPadOneSideAreRoundedUpOrPaddedBefore() {
        assertThat(layer(pooled("MaxPool", integers("strides", 2, 2), integers("pads", 0, 0, 1, 1)), "p"))
                .isEqualTo(new Layer.Pooling(PoolingKind.MAX, Extent.of(3), Extent.of(2), Extent.of(0), true));
        OnnxFile before = pooled("MaxPool", integers("strides", 2, 2), integers("pads", 1, 1, 0, 0));
        assertThat(layer(before, "p"))
                .isEqualTo(new Layer.Pooling(PoolingKind.MAX, Extent.of(3), Extent.of(2), Extent.of(1), false));
        OnnxFile stepping = pooled("MaxPool", integers("pads", 0, 0, 2, 1));
        assertThat(layer(stepping, "p.pad")).isEqualTo(new Layer.Pad(Extent.of(0), new Extent(2, 1), Layer.Pad.LOWEST));
        OnnxFile counted = pooled("AveragePool", integers("pads", 0, 1, 2, 1), whole("count_include_pad", 1));
        assertThat(layer(counted, "p.pad")).isEqualTo(new Layer.Pad(Extent.of(0), new Extent(2, 0), 0));
        assertThat(layer(counted, "p"))
                .isEqualTo(new Layer.Pooling(
                        PoolingKind.PADDED_AVERAGE, Extent.of(3), Extent.of(1), new Extent(0, 1), false));
        assertThat(layer(pooled("MaxPool", integers("dilations", 3, 2)), "p"))
                .isEqualTo(new Layer.Pooling(
                        PoolingKind.MAX, Extent.of(3), Extent.of(1), Extent.of(0), false, new Extent(3, 2)));
        assertThatThrownBy(() -> pooled("AveragePool", integers("pads", 0, 0, 2, 1)))
                .hasMessageContaining("node \"p\" (AveragePool): its pads, 0,0 above and left and 2,1 below and right")
                .hasMessageContaining("cannot be read of a mean without them");
        assertThatThrownBy(() -> pooled("MaxPool", integers("pads", 3, 0, 0, 0)))
                .hasMessageContaining("it pads by 3,0 and 0,0: expected less than its window, 3,3");
    }

    private OnnxFile pooled(String operator, WireMessage... attributes) {
        WireMessage[] all = Arrays.copyOf(attributes, attributes.length + 1);
        all[attributes.length] = integers("kernel_shape", 3, 3);
        return read(b -> b.node(operator, "p", List.of("x"), "y", all));
    }

    /** PyTorch slices one axis after the other, then pads the channels. */
    @Test
    void theZeroFilledShortcutIsAnIndexMap() {
        OnnxFile file = read(b -> b.wholes("two", 2)
                .wholes("three", 3)
                .wholes("zero", 0)
                .wholes("end", Long.MAX_VALUE)
                .wholes("pads", 0, 1, 0, 0, 0, 2, 0, 0)
                .node("Slice", "/Slice", List.of("x", "zero", "end", "two", "two"), "a")
                .node("Slice", "/Slice_1", List.of("a", "zero", "end", "three", "two"), "b")
                .node("Pad", "/Pad", List.of("b", "pads", ""), "y", FileBuilder.text("mode", "constant")));
        assertThat(names(file)).containsExactly("conv", "pad", "pool");
        assertThat(layer(file, "pad")).isEqualTo(new Layer.IndexMap(List.of(-1, 0, 1, 2, 3, -1, -1), Extent.of(2)));
    }

    @Test
    void slicesAndGathersChooseChannels() {
        OnnxFile file = read(b -> b.wholes("start", -3)
                .wholes("end", Integer.MAX_VALUE)
                .wholes("axis", 1)
                .wholes("which", 2, -2, 0)
                .node("Slice", "s", List.of("x", "start", "end", "axis"), "a")
                .node("Gather", "g", List.of("a", "which"), "y", whole("axis", 1)));
        assertThat(layer(file, "g")).isEqualTo(new Layer.IndexMap(List.of(3, 2, 1), Extent.of(1)));
    }

    @Test
    void aConstantSummandIsAShift() {
        OnnxFile file = read(b -> b.floats("c", 1, 4, 1, 1)
                .floats("m", 4, 8, 6)
                .floats("row", 6)
                .scalar("three", 3)
                .node("Relu", "r", List.of("x"), "x1")
                .node("Add", "first", List.of("c", "x1"), "a")
                .node("Add", "second", List.of("a", "m"), "b")
                .node("Sub", "third", List.of("b", "three"), "d")
                .node("Add", "fourth", List.of("d", "row"), "y"));
        assertThat(layer(file, "first")).isEqualTo(new Layer.Shift(Operand.CHANNEL));
        assertThat(layer(file, "second")).isEqualTo(new Layer.Shift(Operand.MAP));
        assertThat(file.state().buffer("first.shift").shape()).containsExactly(4);
        assertThat(file.state().buffer("third.shift").data()).containsExactly(-3, -3, -3, -3);
        assertThat(file.state().buffer("fourth.shift").shape()).containsExactly(4, 8, 6);
        assertThat(file.state().buffer("fourth.shift").data()).startsWith(0.5f, 1, 1.5f, 2, 2.5f, 3, 0.5f);
        assertRefused(
                b -> b.floats("c", 4).node("Add", "n", List.of("x", "c"), "y"),
                "node \"n\" (Add): it adds a constant of shape [4] to [4, 8, 6]");
        assertRefused(
                b -> b.floats("c", 2, 1, 1, 1).node("Add", "n", List.of("x", "c"), "y"), "of shape [2, 1, 1, 1] to");
        assertRefused(
                b -> b.scalar("c", 1).node("Sub", "n", List.of("c", "x"), "y"),
                "node \"n\" (Sub): its input 1 is computed: expected a constant");
    }

    @Test
    void aConstantSummandRightBehindAConvolutionIsItsBias() {
        OnnxFile file = read(b -> b.floats("c", 4, 1, 1)
                .scalar("one", 1)
                .floats("second.weight", 4, 4, 1, 1)
                .floats("second.bias", 4)
                .node("Add", "first", List.of("c", "x"), "a")
                .node("Conv", "second", List.of("a", "second.weight", "second.bias"), "b")
                .node("Sub", "less", List.of("b", "one"), "y"));
        assertThat(names(file)).containsExactly("conv", "second", "pool");
        assertThat(file.state().parameter("conv.bias").data()).containsExactly(0.5f, 1, 1.5f, 2);
        assertThat(file.state().parameter("second.bias").data()).containsExactly(-0.5f, 0, 0.5f, 1);
        OnnxFile twice = read(b -> b.floats("c", 4, 1, 1)
                .node("Add", "first", List.of("c", "x"), "a")
                .node("Add", "both", List.of("a", "x"), "y"));
        assertThat(names(twice)).containsExactly("conv", "first", "both", "pool");
    }

    /** A classifier behind a flatten of several pixels, in each of its forms. */
    @Test
    void productsWithAMatrixAreLinearLayers() {
        FileBuilder gemm = classifier()
                .floats("fc.weight", 5, 18)
                .node("Flatten", "/Flatten", List.of("x"), "f")
                .node("Gemm", "/fc/Gemm", List.of("f", "fc.weight", "fc.bias"), "logits", whole("transB", 1));
        FileBuilder product = classifier()
                .floats("onnx::MatMul_9", 18, 5)
                .wholes("shape", 0, -1)
                .node("Reshape", "/Flatten", List.of("x", "shape"), "f")
                .node("MatMul", "/fc/MatMul", List.of("f", "onnx::MatMul_9"), "p")
                .node("Add", "/fc/Add", List.of("fc.bias", "p"), "s")
                .node("Softmax", "/Softmax", List.of("s"), "logits", whole("axis", -1));
        OnnxFile first = OnnxFile.read(gemm.write(folder.resolve("a.onnx")), Optional.empty());
        OnnxFile second = OnnxFile.read(product.write(folder.resolve("a.onnx")), Optional.empty());
        assertThat(first.network())
                .isEqualTo(new Network(
                        "a",
                        new Shape(2, 3, 3),
                        5,
                        List.of(
                                new Node("flatten", new Layer.Flatten(), List.of(Network.INPUT)),
                                new Node("fc", new Layer.Linear(5, true), List.of("flatten")))));
        assertThat(second.network()).isEqualTo(first.network());
        assertThat(second.state().parameter("fc.bias")).isEqualTo(first.state().parameter("fc.bias"));
        float[] transposed = second.state().parameter("fc.weight").data();
        assertThat(transposed[0]).isEqualTo(0.5f);
        assertThat(transposed[1]).isEqualTo(0.5f * 6);
        assertThat(transposed[18]).isEqualTo(1);
    }

    private static FileBuilder classifier() {
        return new FileBuilder()
                .input("x", FileBuilder.OPEN, 2, 3, 3)
                .floats("fc.bias", 5)
                .output("logits");
    }

    /** {@code x.view(x.size(0), -1)}, where the batch is open. */
    @Test
    void aShapeComputedOfTheBatchIsAFlatten() {
        FileBuilder file = classifier()
                .floats("fc.weight", 5, 18)
                .initializer(GraphExport.tensor("first", ElementType.INT64).longs(Fields.TENSOR_RAW, 0))
                .wholes("axes", 0)
                .wholes("rest", -1)
                .node("Shape", "/Shape", List.of("x"), "s")
                .node("Gather", "/Gather", List.of("s", "first"), "n", whole("axis", 0))
                .node("Unsqueeze", "/Unsqueeze", List.of("n", "axes"), "u")
                .node("Concat", "/Concat", List.of("u", "rest"), "to", whole("axis", 0))
                .node("Reshape", "/Reshape", List.of("x", "to"), "f")
                .node("Gemm", "/fc/Gemm", List.of("f", "fc.weight"), "logits", whole("transB", 1));
        OnnxFile read = OnnxFile.read(file.write(folder.resolve("a.onnx")), Optional.empty());
        assertThat(names(read)).containsExactly("reshape", "fc");
        assertThat(layer(read, "reshape")).isEqualTo(new Layer.Flatten());
    }

    @Test
    void aMeanOverThePixelsIsAGlobalPool() {
        FileBuilder file = new FileBuilder()
                .input(IN, FileBuilder.OPEN, 3, 4, 4)
                .node("ReduceMean", "m", List.of(IN), "logits", integers("axes", -1, -2), whole("keepdims", 0))
                .output("logits");
        OnnxFile read = OnnxFile.read(file.write(folder.resolve("m.onnx")), Optional.empty());
        assertThat(layer(read, "m")).isEqualTo(new Layer.GlobalAveragePool());
    }

    @Test
    void openSizesMustBeNamed() {
        Path file = new FileBuilder()
                .input(IN, FileBuilder.OPEN, 3, FileBuilder.OPEN, FileBuilder.OPEN)
                .node("GlobalAveragePool", "m", List.of(IN), "logits")
                .output("logits")
                .write(folder.resolve("open.onnx"));
        assertThatThrownBy(() -> OnnxFile.read(file, Optional.empty())).hasMessageContaining("--input CxHxW");
        Shape shape = new Shape(3, 5, 7);
        assertThat(OnnxFile.read(file, Optional.of(shape)).network().input()).isEqualTo(shape);
        assertThatThrownBy(() -> OnnxFile.read(file, Optional.of(new Shape(4, 5, 7))))
                .hasMessageContaining("a size of 3 where 4 is wanted");
    }

    @Test
    void whatIsNotKnownIsNamedWithItsNode() {
        assertRefused(
                b -> b.node("LeakyRelu", "/act/LeakyRelu", List.of("x"), "y"),
                "node \"/act/LeakyRelu\" (LeakyRelu): this operator is not read; these are: Conv, ");
        assertRefused(
                b -> b.node("Relu", "com.microsoft", "r", List.of("x"), List.of("y")),
                "operators of the domain \"com.microsoft\" are not read");
        assertRefused(
                b -> b.node("Relu", "r", List.of("x"), "y", whole("secret", 1)),
                "node \"r\" (Relu): attribute \"secret\" is not known");
        assertRefused(b -> b.node("Relu", "r", List.of("nowhere"), "y"), "it reads \"nowhere\", which nothing before");
        assertRefused(
                b -> b.node(
                        "AveragePool",
                        "p",
                        List.of("x"),
                        "y",
                        integers("kernel_shape", 2, 2),
                        integers("dilations", 2, 2)),
                "its window is dilated, which is read of a MaxPool only");
        assertRefused(
                b -> b.node("Conv", "c", List.of("x", "conv.weight"), "y", FileBuilder.text("auto_pad", "SAME")),
                "auto_pad is SAME: expected NOTSET, VALID, SAME_UPPER or SAME_LOWER");
        assertRefused(
                b -> b.node("MaxPool", "", "p", List.of("x"), List.of("a", "y"), integers("kernel_shape", 2, 2)),
                "only its first output is read");
        assertRefused(
                b -> b.floats("w", 4, 3, 1, 1).node("Conv", "c", List.of("x", "w"), "y"),
                "node \"c\" (Conv): node c: its weight has shape [4, 3, 1, 1]: expected [4, 4, 1, 1]");
        assertRefused(b -> b.node("Conv", "c", List.of("x", "x"), "y"), "its input 1 is computed: expected a constant");
        assertRefused(b -> b.opset(10).node("Relu", "r", List.of("x"), "y"), "opset 10: expected 11 or newer");
        assertRefused(b -> b.node("Relu", "r", List.of("x"), "y").output("y"), "it has 2 outputs");
        assertRefused(b -> b.input("other", 1, 3, 2, 2).node("Relu", "r", List.of("x"), "y"), "it has 2 inputs");
    }

    private void assertRefused(UnaryOperator<FileBuilder> between, String message) {
        assertThatThrownBy(() -> read(between))
                .isInstanceOf(SecateurException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("some model.onnx");
    }
}
