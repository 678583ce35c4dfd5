package org.secateur.models.libtorch;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Shape;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.libtorch.HostTensors;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.Variant;

/**
 * A forward pass of a network in evaluation mode, for measuring: random weights, and random normal images that change
 * from launch to launch.
 */
public final class InferencePass implements Kernel {
    private final TorchNetwork torch;
    private final CallClock clock = new CallClock(System::nanoTime);
    private final PointerScope scope;
    private final List<Tensor> images = new ArrayList<>();
    private int next;

    /**
     * A pass.
     *
     * @param batch images of each pass, at least 1
     * @param seed of weights and images
     * @param format of activations and weights in memory
     */
    public InferencePass(LibTorch libTorch, Network network, int batch, long seed, TensorFormat format) {
        if (batch < 1) {
            throw new IllegalArgumentException("batch " + batch + ": must be at least 1");
        }
        libTorch.prepareThread();
        torch = TorchNetwork.readOnly(network, new Initializer(seed).initialize(network), format);
        SplittableRandom random = new SplittableRandom(seed);
        try (PointerScope opened = new PointerScope()) {
            for (int i = 0; i < TrainingStep.BATCHES; i++) {
                images.add(images(random, network, batch, format));
            }
            scope = opened.extend();
        }
    }

    /** Standard normal images, the same in every format. */
    static Tensor images(SplittableRandom random, Network network, int batch, TensorFormat format) {
        Shape shape = network.input();
        float[] pixels = new float[Math.multiplyExact(batch, shape.elements())];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextGaussian();
        }
        return format.arranged(HostTensors.of(pixels, batch, shape.channels(), shape.height(), shape.width()));
    }

    @Override
    @SuppressWarnings("try") // the scopes only have to be open
    public void launch() {
        try (NoGradGuard noGrad = new NoGradGuard();
                PointerScope launch = new PointerScope()) {
            torch.forward(images.get(next), false, clock);
            next = (next + 1) % images.size();
        }
    }

    /** On the processor there is nothing to wait for: a launch returns when it is done. */
    @Override
    public void synchronize() {
        torch.format().synchronize();
    }

    @Override
    public Variant variant() {
        return new Variant("libtorch", 0, true);
    }

    @Override
    public void close() {
        scope.close();
        torch.close();
    }
}
