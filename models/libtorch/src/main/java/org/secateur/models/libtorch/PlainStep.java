package org.secateur.models.libtorch;

import static org.bytedeco.pytorch.global.torch.batch_norm;
import static org.bytedeco.pytorch.global.torch.constant_pad_nd;
import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.max_pool2d;
import static org.bytedeco.pytorch.global.torch.relu_;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.secateur.models.core.graph.HostTensor;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.libtorch.HostTensors;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.Variant;

/**
 * A training step of a network written down straight against libtorch, as one would without this project: functional calls in NCHW
 * and FP32, autograd, and libtorch's own SGD over a list of parameters. It shares no code with the step of {@link TorchTrainer}; it only
 * begins with the same weights on the same images, so that both can be compared. Algorithms need not be deterministic in it.
 */
public final class PlainStep implements Kernel {
    /** What is written down here. */
    public static final List<String> NETWORKS = List.of("resnet20", "vgg11", "resnet18");

    /** As {@link TrainingStep} has it. */
    private static final double RATE = 1e-6;

    private static final double MOMENTUM = 0.9;
    private static final double WEIGHT_DECAY = 5e-4;

    private static final double NORM_MOMENTUM = 0.1;
    private static final double NORM_EPSILON = 1e-5;

    private final Context context = torch.globalContext();
    private final PointerScope scope;
    private final Map<String, TensorOptional> tensors = new HashMap<>();
    private final TensorOptional none;
    private final UnaryOperator<Tensor> forward;
    private final SGD optimizer;
    private final List<Tensor> images = new ArrayList<>();
    private final List<Tensor> labels = new ArrayList<>();
    private int next;

    /**
     * A step.
     *
     * @param network one of {@link #NETWORKS}, vgg11 for images of less than 64 pixels
     * @param batch images of each step, at least 1
     * @param seed of weights, images and labels
     */
    public PlainStep(LibTorch libTorch, Network network, int batch, long seed) {
        this(libTorch, network, new Initializer(seed).initialize(network), RATE, batch, seed);
    }

    PlainStep(LibTorch libTorch, Network network, ModelState state, double rate, int batch, long seed) {
        libTorch.prepareThread();
        forward = switch (network.name()) {
            case "resnet20" -> this::resnet20;
            case "vgg11" -> this::vgg11;
            case "resnet18" -> this::resnet18;
            default ->
                throw new IllegalArgumentException(
                        "network " + network.name() + " is not written down plainly: expected one of " + NETWORKS);
        };
        SplittableRandom random = new SplittableRandom(seed);
        try (PointerScope opened = new PointerScope()) {
            none = new TensorOptional();
            List<Tensor> trained = new ArrayList<>();
            state.parameters().forEach((name, values) -> {
                Tensor tensor = tensor(values);
                tensor.set_requires_grad(true);
                trained.add(tensor);
                tensors.put(name, new TensorOptional(tensor));
            });
            state.buffers().forEach((name, values) -> tensors.put(name, new TensorOptional(tensor(values))));
            SGDOptions options = new SGDOptions(rate);
            options.momentum().put(MOMENTUM);
            options.weight_decay().put(WEIGHT_DECAY);
            optimizer = new SGD(new TensorVector(trained.toArray(Tensor[]::new)), options);
            for (int i = 0; i < TrainingStep.BATCHES; i++) {
                images.add(InferencePass.images(random, network, batch, TensorFormat.DEFAULT));
                labels.add(HostTensors.labels(
                        random.ints(batch, 0, network.classes()).toArray()));
            }
            scope = opened.extend();
        }
    }

    private static Tensor tensor(HostTensor values) {
        long[] shape = new long[values.shape().length];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = values.shape()[i];
        }
        return HostTensors.of(values.data(), shape);
    }

    @Override
    public void launch() {
        int now = next;
        next = (next + 1) % images.size();
        step(images.get(now), labels.get(now));
    }

    /** One step on images {@code [n, channels, height, width]}; the mean loss before it. */
    @SuppressWarnings("try") // the scope only has to be open
    double step(Tensor pixels, Tensor classes) {
        deterministic(false);
        try (PointerScope step = new PointerScope()) {
            Tensor loss = cross_entropy_loss(forward.apply(pixels), classes);
            optimizer.zero_grad();
            loss.backward();
            optimizer.step();
            return loss.item_float();
        } finally {
            deterministic(true);
        }
    }

    private void deterministic(boolean on) {
        context.setDeterministicAlgorithms(on, false);
        context.setDeterministicMkldnn(on);
    }

    private Tensor resnet20(Tensor pixels) {
        Tensor x = unit("conv1", "bn1", pixels, 1, 1);
        for (int stage = 1; stage <= 3; stage++) {
            for (int block = 0; block < 3; block++) {
                boolean halves = stage > 1 && block == 0;
                Tensor shortcut = halves ? padded(x) : x;
                x = block("layer" + stage + "." + block, x, halves ? 2 : 1, shortcut);
            }
        }
        return classified(x);
    }

    private Tensor resnet18(Tensor pixels) {
        Tensor stem = unit("conv1", "bn1", pixels, 2, 3);
        Tensor x = max_pool2d(stem, new long[] {3, 3}, new long[] {2, 2}, new long[] {1, 1}, new long[] {1, 1}, false);
        stem.close();
        for (int stage = 1; stage <= 4; stage++) {
            for (int block = 0; block < 2; block++) {
                String name = "layer" + stage + "." + block;
                boolean halves = stage > 1 && block == 0;
                Tensor shortcut =
                        halves ? norm(name + ".downsample.1", convolution(name + ".downsample.0", x, 2, 0)) : x;
                x = block(name, x, halves ? 2 : 1, shortcut);
            }
        }
        return classified(x);
    }

    private Tensor vgg11(Tensor pixels) {
        Tensor x = pixels;
        int index = 0;
        for (int convolutions : new int[] {1, 1, 2, 2, 2}) {
            for (int i = 0; i < convolutions; i++) {
                Tensor y = unit("features." + index, "features." + (index + 1), x, 1, 1);
                letGo(x, pixels);
                x = y;
                index += 3;
            }
            Tensor y = max_pool2d(x, new long[] {2, 2}, new long[] {2, 2}, new long[] {0, 0}, new long[] {1, 1}, false);
            x.close();
            x = y;
            index++;
        }
        return linear(x.flatten(1, -1), tensor("classifier.weight"), optional("classifier.bias"));
    }

    /** Convolution, batch norm and ReLU. */
    private Tensor unit(String convolution, String norm, Tensor x, int stride, int padding) {
        Tensor y = norm(norm, convolution(convolution, x, stride, padding));
        relu_(y);
        return y;
    }

    /** A basic block, which lets go of its input and its shortcut, as a variable that is assigned to anew does. */
    private Tensor block(String name, Tensor x, int stride, Tensor shortcut) {
        Tensor inner = unit(name + ".conv1", name + ".bn1", x, stride, 1);
        Tensor y = norm(name + ".bn2", convolution(name + ".conv2", inner, 1, 1));
        inner.close();
        y.add_(shortcut);
        letGo(shortcut, x);
        x.close();
        relu_(y);
        return y;
    }

    private static void letGo(Tensor tensor, Tensor kept) {
        if (tensor.address() != kept.address()) {
            tensor.close();
        }
    }

    /** Every second pixel, with half as many channels of zeros on either side (option A). */
    private static Tensor padded(Tensor x) {
        Tensor rows = torch.slice(x, 2, new LongOptional(), new LongOptional(), 2);
        Tensor pixels = torch.slice(rows, 3, new LongOptional(), new LongOptional(), 2);
        long side = x.size(1) / 2;
        Tensor padded = constant_pad_nd(pixels, new long[] {0, 0, 0, 0, side, side});
        rows.close();
        pixels.close();
        return padded;
    }

    private Tensor convolution(String name, Tensor x, int stride, int padding) {
        return conv2d(
                x,
                tensor(name + ".weight"),
                optional(name + ".bias"),
                new long[] {stride, stride},
                new long[] {padding, padding},
                new long[] {1, 1},
                1);
    }

    /** Batch norm, which lets go of its input. */
    private Tensor norm(String name, Tensor x) {
        Tensor y = batch_norm(
                x,
                optional(name + ".weight"),
                optional(name + ".bias"),
                optional(name + ".running_mean"),
                optional(name + ".running_var"),
                true,
                NORM_MOMENTUM,
                NORM_EPSILON,
                false);
        x.close();
        return y;
    }

    private Tensor classified(Tensor x) {
        Tensor means = torch.mean(x, new long[] {2, 3}, false, new ScalarTypeOptional());
        x.close();
        return linear(means, tensor("fc.weight"), optional("fc.bias"));
    }

    private Tensor tensor(String name) {
        return optional(name).get();
    }

    /** A tensor of the network, or none where it has no such. */
    private TensorOptional optional(String name) {
        return tensors.getOrDefault(name, none);
    }

    @Override
    public void synchronize() {} // a launch returns when it is done

    @Override
    public Variant variant() {
        return new Variant("libtorch", 0, true);
    }

    @Override
    public void close() {
        scope.close();
    }
}
