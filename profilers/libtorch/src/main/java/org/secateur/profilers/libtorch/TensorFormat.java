package org.secateur.profilers.libtorch;

import static org.bytedeco.pytorch.global.torch.empty;
import static org.bytedeco.pytorch.global.torch.zeros;

import java.util.OptionalInt;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;

/**
 * How the values of a network lie in libtorch's memory. Shapes are the same in every format, and so is what is computed, up to
 * rounding.
 *
 * @param dataType of activations and of the arithmetic on them: F32, or BF16 under libtorch's autocast, which computes
 *     convolutions and linear layers in BF16 and leaves what follows in it. Parameters, their gradients and momenta,
 *     statistics, logits and the loss are F32 always.
 * @param layout the order of every four-dimensional tensor, weights included: NCHW, or NHWC, which PyTorch calls channels last
 * @param gpu the GPU in whose memory all tensors lie, by CUDA's number; empty for the processor's
 */
public record TensorFormat(DataType dataType, Layout layout, OptionalInt gpu) {
    /** F32 and NCHW. */
    public static final TensorFormat DEFAULT = new TensorFormat(DataType.F32, Layout.NCHW);

    public TensorFormat {
        if (dataType == DataType.F16) {
            throw new IllegalArgumentException("data type f16: libtorch computes in f32 or bf16 here");
        }
    }

    /** A format in the processor's memory. */
    public TensorFormat(DataType dataType, Layout layout) {
        this(dataType, layout, OptionalInt.empty());
    }

    /** The same in the memory of a GPU, by CUDA's number; there must be one, as {@link LibTorch#requireGpu} tells. */
    public TensorFormat onGpu(int ordinal) {
        return new TensorFormat(dataType, layout, OptionalInt.of(ordinal));
    }

    /** Returns when everything that was launched on tensors of this format is done; at once on the processor. */
    public void synchronize() {
        gpu.ifPresent(torch::cuda_synchronize);
    }

    /** A tensor in this format's memory, in the order in which it is: itself on the processor, else a copy. */
    public Tensor placed(Tensor tensor) {
        return gpu.isEmpty() ? tensor : tensor.to(device(), tensor.scalar_type());
    }

    /** The kind of device that computes. */
    DeviceType deviceType() {
        return gpu.isEmpty() ? DeviceType.CPU : DeviceType.CUDA;
    }

    private Device device() {
        return new Device(deviceType(), (byte) gpu.orElse(-1));
    }

    private TensorOptions options(ScalarType type) {
        return new TensorOptions(type).device(new DeviceOptional(device()));
    }

    /** So many zeros in F32, {@code [elements]}. */
    Tensor flatZeros(long elements) {
        return zeros(new long[] {elements}, options(ScalarType.Float));
    }

    /** A new F32 tensor of a shape, uninitialised; a four-dimensional one in the layout. */
    public Tensor uninitialised(long... shape) {
        return uninitialised(ScalarType.Float, shape);
    }

    /** The same of the activations' type. */
    Tensor uninitialisedActivation(long... shape) {
        return uninitialised(isBrainFloat() ? ScalarType.BFloat16 : ScalarType.Float, shape);
    }

    private Tensor uninitialised(ScalarType type, long... shape) {
        MemoryFormat order = isChannelsLast(shape.length) ? MemoryFormat.ChannelsLast : MemoryFormat.Contiguous;
        return empty(shape, options(type), new MemoryFormatOptional(order));
    }

    /**
     * The values of an F32 tensor in the layout: images {@code [n, channels, height, width]}, or the constants of an image
     * {@code [channels, height, width]}; a tensor of other dimensions, or in NCHW, is returned as it is, on a GPU as a copy.
     */
    @SuppressWarnings("try") // the guard only has to be open
    public Tensor arranged(Tensor tensor) {
        if (tensor.dim() == 3) {
            return isChannelsLast(4) ? arranged(tensor.unsqueeze(0)).select(0, 0) : placed(tensor);
        }
        if (!isChannelsLast((int) tensor.dim())) {
            return placed(tensor);
        }
        Tensor arranged = uninitialised(tensor.shape());
        try (NoGradGuard noGrad = new NoGradGuard();
                PointerScope scope = new PointerScope()) {
            arranged.copy_(tensor);
        }
        return arranged;
    }

    /** A piece of flat memory as a tensor of a shape, in the layout where that has four dimensions; a view. */
    Tensor shaped(Tensor flat, long[] shape) {
        return isChannelsLast(shape.length)
                ? flat.view(shape[0], shape[2], shape[3], shape[1]).permute(0, 3, 1, 2)
                : flat.view(shape);
    }

    /**
     * A tensor that was made in this format, with its dimensions in the order of its memory: {@code [n, height, width,
     * channels]} where four are in NHWC, as they are otherwise; a contiguous view.
     */
    public Tensor inOrderOfMemory(Tensor tensor) {
        return isChannelsLast((int) tensor.dim()) ? tensor.permute(0, 2, 3, 1) : tensor;
    }

    private boolean isChannelsLast(int dimensions) {
        return dimensions == 4 && layout == Layout.NHWC;
    }

    /** Whether activations are BF16. */
    boolean isBrainFloat() {
        return dataType == DataType.BF16;
    }
}
