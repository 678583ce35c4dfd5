package org.secateur.profilers.libtorch;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A prepared selection of channels: output channel j copies input channel {@code sources[j]}, or is zero where that is
 * {@link #ZERO}. A run of neighbouring channels with zeros around it (the dense option-A shortcut, He et al. 2016) is
 * recognised and needs no index. Whoever makes it closes it.
 */
public final class ChannelMap implements AutoCloseable {
    /** The source of an output channel that is filled with zeros. */
    public static final int ZERO = -1;

    private final int channels;
    private final int outputs;
    private final int firstSource;
    private final int firstOutput;
    private final int mapped;
    private final boolean contiguous;
    private final Tensor index;

    /**
     * A selection.
     *
     * @param sources for each output channel its input channel, or {@link #ZERO}
     * @param channels input channels
     * @param format of the tensors that it selects from
     */
    public ChannelMap(List<Integer> sources, int channels, TensorFormat format) {
        for (int source : sources) {
            if (source < ZERO || source >= channels) {
                throw new IllegalArgumentException("channel map source " + source + ": expected -1.." + (channels - 1));
            }
        }
        this.channels = channels;
        this.outputs = sources.size();
        this.mapped = (int) sources.stream().filter(s -> s != ZERO).count();
        int first = 0;
        while (first < outputs && sources.get(first) == ZERO) {
            first++;
        }
        this.firstOutput = first;
        this.firstSource = mapped == 0 ? 0 : sources.get(first);
        boolean run = true;
        for (int i = 0; i < mapped; i++) {
            run &= first + i < outputs && sources.get(first + i) == firstSource + i;
        }
        this.contiguous = run;
        // Zeros come from one channel of zeros put behind the input's own.
        long[] indices =
                sources.stream().mapToLong(s -> s == ZERO ? channels : s).toArray();
        this.index = format.placed(Tensor.create(indices, indices.length));
        // It outlives the pointer scope in which it happens to be made.
        index.retainReference();
    }

    /** Whether neighbouring input channels stay neighbours, with zeros around them. */
    boolean contiguous() {
        return contiguous;
    }

    int channels() {
        return channels;
    }

    int outputs() {
        return outputs;
    }

    int firstSource() {
        return firstSource;
    }

    int firstOutput() {
        return firstOutput;
    }

    int mapped() {
        return mapped;
    }

    Tensor index() {
        return index;
    }

    @Override
    public void close() {
        index.close();
    }

    @Override
    public String toString() {
        return "ChannelMap" + Arrays.asList(channels, outputs, mapped, contiguous ? "run" : "scattered");
    }
}
