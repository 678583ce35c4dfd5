package org.secateur.profilers.cuda;

import static jcuda.driver.JCudaDriver.cuMemcpyDtoDAsync;
import static jcuda.jcudnn.JCudnn.cudnnScaleTensor;

import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import jcuda.Pointer;
import jcuda.jcudnn.cudnnTensorDescriptor;
import org.secateur.profilers.cuda.OperandShapes.Shape;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;

/**
 * A stock of standard normal values on the device, drawn once, from which buffers are filled by copying: gigabytes take
 * a moment. Data is never zero or constant, since values change power. Equal seeds give equal values in the same order.
 */
final class NormalPool implements Resource {
    /** A prime, so that the rows of no power-of-two shape repeat. */
    static final int VALUES = 1_048_573;

    private final Gpu gpu;
    private final long seed;
    private final Random labels;
    private final Resources resources = new Resources();
    private final Map<DataType, DeviceMemory> values = new EnumMap<>(DataType.class);
    private int next;

    NormalPool(Gpu gpu, long seed) {
        this.gpu = gpu;
        this.seed = seed;
        this.labels = new Random(seed);
    }

    /** Fills memory of a shape as the shape says. */
    void fill(DeviceMemory memory, Shape shape) {
        switch (shape.fill()) {
            case NORMAL -> normal(memory, shape.type(), shape.elements());
            case POSITIVE -> variances(memory, shape);
            case ONE_HOT -> oneHot(memory, shape);
            case ZERO -> memory.clear();
        }
    }

    private void normal(DeviceMemory memory, DataType type, long elements) {
        DeviceMemory source = values.computeIfAbsent(type, this::draw);
        for (long done = 0; done < elements; ) {
            long run = Math.min(elements - done, VALUES - next);
            gpu.check(
                    cuMemcpyDtoDAsync(
                            memory.at(done * type.bytes()),
                            source.at((long) next * type.bytes()),
                            run * type.bytes(),
                            gpu.stream()),
                    "cuMemcpyDtoDAsync");
            done += run;
            next = (int) ((next + run) % VALUES);
        }
    }

    /** Multiplies elements by a factor. */
    void scale(DeviceMemory memory, DataType type, long elements, double factor) {
        try (Resources scope = new Resources()) {
            Pointer scalar = Gpu.scalar(factor);
            cudnnTensorDescriptor flat =
                    new Descriptors(gpu, scope).tensor(type, Layout.NCHW, 1, 1, 1, Math.toIntExact(elements));
            gpu.checkCudnn(cudnnScaleTensor(gpu.cudnn(), flat, memory.pointer(), scalar), "cudnnScaleTensor");
            gpu.synchronize();
        }
    }

    private DeviceMemory draw(DataType type) {
        Random random = new Random(seed);
        float[] drawn = new float[VALUES];
        for (int i = 0; i < VALUES; i++) {
            drawn[i] = (float) random.nextGaussian();
        }
        DeviceMemory memory = resources.add(new DeviceMemory(gpu, (long) VALUES * type.bytes()));
        Numbers.write(memory, type, drawn);
        return memory;
    }

    /** One for each channel, so drawn on the host. */
    private void variances(DeviceMemory memory, Shape shape) {
        float[] drawn = new float[Math.toIntExact(shape.elements())];
        for (int i = 0; i < drawn.length; i++) {
            float value = (float) labels.nextGaussian();
            drawn[i] = value * value + 0.1f;
        }
        Numbers.write(memory, shape.type(), drawn);
    }

    private void oneHot(DeviceMemory memory, Shape shape) {
        float[] drawn = new float[Math.toIntExact(shape.elements())];
        for (int row = 0; row < drawn.length; row += shape.row()) {
            drawn[row + labels.nextInt(shape.row())] = 1;
        }
        Numbers.write(memory, shape.type(), drawn);
    }

    @Override
    public void close() {
        resources.close();
    }
}
