package org.secateur.harness.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.training.MilestoneSchedule;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.models.libtorch.TorchTrainer;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.SgdStep;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;
import org.secateur.results.core.SecateurException;

/**
 * Training in a JVM of its own, to see how much of the machine's memory it takes. The Java heap is there from the start
 * and as large as it becomes, so that what comes to it is libtorch's.
 */
public final class MemoryFork {
    /**
     * A heap for the numbers of thirty million parameters on their way to libtorch, and the simple compiler only, since
     * what the other one takes for its work would be seen too.
     */
    private static final List<String> STEADY =
            List.of("-Xms1500m", "-Xmx1500m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path RESET = Path.of("/proc/self/clear_refs");
    /** What sets the peak to the present size. */
    private static final String RESET_PEAK = "5";

    /** What a library loads and sets up at first use is loaded by training this a little. */
    private static final String WARMING = "resnet8";

    private static final int WARMING_BATCH = 2;
    private static final int WARMING_STEPS = 2;
    private static final double RATE = 1e-6;

    private MemoryFork() {}

    /**
     * Resident bytes of a process that trains.
     *
     * @param loaded before, with the libraries at work
     * @param peak the most at any time of training
     * @param early after a quarter of the steps
     * @param late after all of them
     */
    record Resident(long loaded, long peak, long early, long late) {}

    /**
     * Trains on random images and prints the four numbers of {@link Resident}.
     *
     * @param args images of a step, steps, height and width of the images, type and layout, network
     */
    public static void main(String[] args) throws IOException {
        int batch = Integer.parseInt(args[0]);
        int steps = Integer.parseInt(args[1]);
        TensorFormat format = new TensorFormat(DataType.valueOf(args[3]), Layout.valueOf(args[4]));
        Network network = network(args[5], Integer.parseInt(args[2]));
        LibTorch libTorch = LibTorch.load();
        train(libTorch, Zoo.network(WARMING), WARMING_BATCH, WARMING_STEPS, format, step -> {});
        System.gc();
        Files.writeString(RESET, RESET_PEAK);
        long loaded = bytes("VmRSS");
        long[] early = new long[1];
        train(libTorch, network, batch, steps, format, step -> {
            if (step == steps / 4) {
                early[0] = bytes("VmRSS");
            }
        });
        List.of(loaded, bytes("VmHWM"), early[0], bytes("VmRSS")).forEach(System.out::println);
    }

    /** The network for square images of three channels, with its own number of classes. */
    static Network network(String name, int side) {
        return Zoo.network(name, Optional.of(new Shape(3, side, side)), OptionalInt.empty());
    }

    /**
     * What training takes in a fresh JVM.
     *
     * @throws SecateurException when that JVM fails, which says why on standard error
     */
    static Resident measure(String network, int side, int batch, int steps, TensorFormat format) {
        return measure(network, side, batch, steps, format, Map.of());
    }

    /**
     * The same with an environment of its own.
     *
     * @param environment for example of the allocator
     */
    static Resident measure(
            String network, int side, int batch, int steps, TensorFormat format, Map<String, String> environment) {
        List<Long> numbers = ForkedJvm.lines(
                        "training",
                        MemoryFork.class,
                        STEADY,
                        environment,
                        List.of(
                                Integer.toString(batch),
                                Integer.toString(steps),
                                Integer.toString(side),
                                format.dataType().name(),
                                format.layout().name(),
                                network))
                .stream()
                .map(Long::valueOf)
                .toList();
        return new Resident(numbers.get(0), numbers.get(1), numbers.get(2), numbers.get(3));
    }

    private static void train(
            LibTorch libTorch, Network network, int batch, int steps, TensorFormat format, LongConsumer done) {
        SplittableRandom random = new SplittableRandom(1);
        float[] images = new float[batch * network.input().elements()];
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextGaussian();
        }
        long[] labels = random.longs(batch, 0, network.classes()).toArray();
        try (TorchTrainer trainer = new TorchTrainer(
                libTorch,
                network,
                new Initializer(1).initialize(network),
                new SgdStep(0.9, 5e-4),
                new MilestoneSchedule(RATE, List.of(), 1),
                0,
                System::nanoTime,
                format)) {
            for (int i = 0; i < steps; i++) {
                trainer.trainStep(images, labels);
                done.accept(trainer.step());
            }
        }
    }

    private static long bytes(String field) {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith(field + ":")) {
                    return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
                }
            }
        } catch (IOException e) {
            throw SecateurException.environment(
                    "the size of a process cannot be read: " + e.getMessage(), STATUS.toString(), "run on Linux");
        }
        throw SecateurException.environment("there is no " + field, STATUS.toString(), "run on Linux");
    }
}
