package org.secateur.results.core.cost;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.Linear;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Workload;
import org.secateur.results.core.statistics.Estimate;

/**
 * The energy of a workload on a spatial accelerator with a hierarchy of memories, by counting accesses (Yang, Chen, Sze,
 * CVPR 2017; unit costs of Eyeriss). The best mapping of a row-stationary dataflow is replaced by the cheapest of some
 * tilings. It knows nothing of the device at hand: its joules are MODELLED, and rank workloads by arithmetic and traffic.
 * It knows no seconds.
 *
 * <p>The backward passes of a convolution exchange the roles of its three tensors. For the data gradient, output
 * gradients are the input and the input's gradients accumulate; for the weight gradient, the weights' gradients
 * accumulate and the output gradients are only read. Every image fetches the weights anew, as in the paper. What is not
 * a convolution or linear layer moves each of its elements once through memory, buffer and register file.
 *
 * @param units what an access costs, relative to a 16-bit multiply-accumulate
 * @param array the accelerator
 * @param joulesPerMac energy of a 16-bit multiply-accumulate
 * @param weightDensity share of weights that are not zero, above 0 to 1
 * @param activationDensity share of inputs that are not zero, above 0 to 1
 */
public record MemoryHierarchyEnergy(
        Units units, Array array, double joulesPerMac, double weightDensity, double activationDensity)
        implements EnergyModel {
    /** The bits of the word whose accesses the units are for. */
    private static final int WORD_BITS = 16;

    /** A multiplication of 1.1 pJ and an addition of 0.4 pJ in 16-bit floating point, 45 nm (Horowitz, ISSCC 2014). */
    private static final double JOULES_PER_MAC = 1.5e-12;

    /** Cost of one access of a 16-bit word at each level, relative to a multiply-accumulate. */
    public record Units(double mac, double registerFile, double network, double buffer, double memory) {
        /** Eyeriss, as in the paper. */
        public static final Units EYERISS = new Units(1, 1, 2, 6, 200);

        public Units {
            if (!(mac >= 0) || !(registerFile >= 0) || !(network >= 0) || !(buffer >= 0) || !(memory >= 0)) {
                throw new IllegalArgumentException("unit costs " + mac + ", " + registerFile + ", " + network + ", "
                        + buffer + ", " + memory + ": none may be negative");
            }
        }
    }

    /**
     * An array of processing elements with a buffer.
     *
     * @param outputs that it works on in parallel
     * @param inputs that it works on in parallel
     * @param bufferWords of 16 bits
     */
    public record Array(int outputs, int inputs, long bufferWords) {
        /** 14 x 12 elements with a buffer of 108 kB, as in the paper. */
        public static final Array EYERISS = new Array(14, 12, 54L * 1024);

        public Array {
            if (outputs < 1 || inputs < 1 || bufferWords < 1) {
                throw new IllegalArgumentException("array of " + outputs + " x " + inputs + " with " + bufferWords
                        + " words: each must be at least 1");
            }
        }
    }

    /** Multiply-accumulates, and accesses of each level. */
    public record Accesses(double macs, double registerFile, double network, double buffer, double memory) {
        /** The energy in units of a multiply-accumulate, for words of 16 bits. */
        public double energy(Units units) {
            return energy(units, WORD_BITS);
        }

        /** The same for data of other width: traffic grows with it, the arithmetic's unit stays. */
        double energy(Units units, int bits) {
            double traffic = registerFile * units.registerFile()
                    + network * units.network()
                    + buffer * units.buffer()
                    + memory * units.memory();
            return macs * units.mac() + traffic * bits / WORD_BITS;
        }

        private Accesses times(double factor) {
            return new Accesses(
                    macs * factor, registerFile * factor, network * factor, buffer * factor, memory * factor);
        }
    }

    public MemoryHierarchyEnergy {
        if (!(joulesPerMac > 0) || !Double.isFinite(joulesPerMac)) {
            throw new IllegalArgumentException(joulesPerMac + " J a multiply-accumulate: must be positive");
        }
        if (!(weightDensity > 0 && weightDensity <= 1) || !(activationDensity > 0 && activationDensity <= 1)) {
            throw new IllegalArgumentException(
                    "densities " + weightDensity + " and " + activationDensity + ": expected above 0 and at most 1");
        }
    }

    /** The accelerator of the paper, without zeros. */
    public static MemoryHierarchyEnergy eyeriss() {
        return new MemoryHierarchyEnergy(Units.EYERISS, Array.EYERISS, JOULES_PER_MAC, 1, 1);
    }

    /** The same for tensors of which only a share is not zero. */
    public MemoryHierarchyEnergy withDensities(double weights, double activations) {
        return new MemoryHierarchyEnergy(units, array, joulesPerMac, weights, activations);
    }

    @Override
    public String name() {
        return String.format(Locale.ROOT, "memory-hierarchy energy, %.3g pJ a MAC, assumed", joulesPerMac * 1e12);
    }

    /** By the launches alone, however long they take. */
    @Override
    public Quantity joules(List<Workload> launches, Quantity seconds, OptionalDouble utilisation) {
        return Quantity.modelled(
                Estimate.exact(launches.stream().mapToDouble(this::joules).sum()), name());
    }

    /** The joules of one launch. */
    public double joules(Workload workload) {
        int bits = 8 * workload.dataType().bytes();
        return accesses(workload).energy(units, bits) * joulesPerMac;
    }

    /** The accesses of the whole batch, under the cheapest tiling. */
    public Accesses accesses(Workload workload) {
        return switch (workload.operation()) {
            case Convolution o -> convolution(o, workload);
            case Linear o -> convolution(unrolled(o), workload);
            case Operation o -> {
                double moved = o.elementsMoved();
                yield new Accesses(0, moved, 0, moved, moved);
            }
        };
    }

    private static Convolution unrolled(Linear o) {
        Extent one = Extent.of(1);
        return new Convolution(o.n(), o.in(), 1, 1, o.out(), 1, 1, one, Extent.of(0), one, 1);
    }

    private Accesses convolution(Convolution o, Workload workload) {
        Layer layer = new Layer(o, workload.pass());
        int bits = 8 * workload.dataType().bytes();
        long words = array.bufferWords() * WORD_BITS / bits;
        Accesses best = layer.accesses(1, 1, 1);
        for (int k : tiles(layer.k())) {
            for (int c : tiles(layer.c())) {
                for (int p : tiles(layer.p())) {
                    if (layer.words(k, c, p) <= words) {
                        Accesses accesses = layer.accesses(k, c, p);
                        best = accesses.energy(units, bits) < best.energy(units, bits) ? accesses : best;
                    }
                }
            }
        }
        return best.times((double) o.n() * o.groups());
    }

    /** The powers of two up to a size, and the size itself. */
    private static int[] tiles(int size) {
        return IntStream.concat(IntStream.iterate(1, tile -> tile < size, tile -> 2 * tile), IntStream.of(size))
                .toArray();
    }

    /** One group of one image of a convolution in one pass. */
    private final class Layer {
        private final Convolution o;
        private final Pass pass;
        private final int k;
        private final int c;
        private final double macs;

        Layer(Convolution o, Pass pass) {
            this.o = o;
            this.pass = pass;
            this.k = o.k() / o.groups();
            this.c = o.c() / o.groups();
            this.macs = (double) k * c * o.r() * o.s() * o.outputHeight() * o.outputWidth();
        }

        int k() {
            return k;
        }

        int c() {
            return c;
        }

        int p() {
            return o.outputHeight();
        }

        /** What a tile of so many outputs, inputs and output rows holds in the buffer. */
        double words(int kTile, int cTile, int pTile) {
            int rows = Math.min(
                    o.h(),
                    (pTile - 1) * o.stride().height()
                            + (o.r() - 1) * o.dilation().height()
                            + 1);
            return (double) cTile * rows * o.w()
                    + (double) kTile * cTile * o.r() * o.s()
                    + (double) kTile * pTile * o.outputWidth();
        }

        /**
         * The accesses under a tiling. A tensor that is read is fetched once for each tile of the loop that it does not
         * depend on; one that accumulates is also written back and fetched again between those.
         */
        Accesses accesses(int kTile, int cTile, int pTile) {
            double rows = Math.ceil((double) p() / pTile);
            double outputs = Math.ceil((double) k / kTile);
            double inputs = Math.ceil((double) c / cTile);
            double weights = (double) k * c * o.r() * o.s() * weightDensity;
            double input = (double) c * o.h() * o.w() * activationDensity;
            double output = (double) k * p() * o.outputWidth();
            double memory = weights * (pass == Pass.BACKWARD_WEIGHTS ? 2 * rows - 1 : rows)
                    + input * (pass == Pass.BACKWARD_DATA ? 2 * outputs - 1 : outputs)
                    + output * (pass == Pass.FORWARD ? 2 * inputs - 1 : inputs);
            double window = (double) o.r() * o.s();
            double buffer = visits(Pass.BACKWARD_DATA) * macs / (window * array.outputs()) * activationDensity
                    + visits(Pass.BACKWARD_WEIGHTS) * macs / o.outputWidth() * weightDensity
                    + visits(Pass.FORWARD) * macs / (window * array.inputs());
            double done = macs * weightDensity * activationDensity;
            return new Accesses(done, 3 * done, done / o.r(), buffer, memory);
        }

        /** A tensor that accumulates in this pass is read and written, another only read. */
        private int visits(Pass accumulates) {
            return pass == accumulates ? 2 : 1;
        }
    }
}
