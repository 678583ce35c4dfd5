package org.secateur.models.libtorch;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.secateur.models.core.training.MilestoneSchedule;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.results.core.SecateurException;

/**
 * One of the other processes of a data-parallel training: does what the first one tells it on its standard input, until
 * that ends. It has the same parameters to the bit, since it starts from the same and adds the same sums of gradients.
 */
public final class WorkerProcess {
    /** What it writes to its standard output once libtorch is loaded. */
    static final int READY = 'r';

    /** The exit code of one that ended because another was gone. */
    static final int LOST = 4;

    private final LibTorch libTorch;
    private final ProcessGroup group;
    private final Map<Integer, TorchTrainer> trainers = new HashMap<>();

    private WorkerProcess(LibTorch libTorch, ProcessGroup group) {
        this.libTorch = libTorch;
        this.group = group;
    }

    /**
     * Works.
     *
     * @param args rank, size, threads, milliseconds to wait at the start and in a step, the group's file
     */
    public static void main(String[] args) throws IOException {
        // Threads of libraries must not see the JVM's orderly end.
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> {
            System.getLogger(WorkerProcess.class.getName()).log(Level.ERROR, "a process of a training fails", e);
            Runtime.getRuntime().halt(1);
        });
        LibTorch libTorch = LibTorch.load(Integer.parseInt(args[2]));
        try (FileOutputStream ready = new FileOutputStream(FileDescriptor.out)) {
            ready.write(READY);
        }
        ProcessGroup group = new ProcessGroup(
                Path.of(args[5]),
                Integer.parseInt(args[0]),
                Integer.parseInt(args[1]),
                Duration.ofMillis(Long.parseLong(args[3])),
                Duration.ofMillis(Long.parseLong(args[4])),
                WorkerProcess::halted);
        try (DataInputStream orders = new DataInputStream(new BufferedInputStream(System.in))) {
            WorkerProcess worker = new WorkerProcess(libTorch, group);
            for (Optional<Order> order = Order.read(orders); order.isPresent(); order = Order.read(orders)) {
                worker.obey(order.get());
            }
        } catch (EOFException e) {
            // The first process is gone in the middle of an order.
        }
        // At once: the system frees everything, and threads of libraries have nothing left to do.
        Runtime.getRuntime().halt(0);
    }

    /** Ends at once, since a process further round the ring may be waiting for this one. */
    private static SecateurException halted(Exception cause) {
        Runtime.getRuntime().halt(LOST);
        throw new IllegalStateException(cause);
    }

    private void obey(Order order) {
        switch (order) {
            case Order.Open open -> trainers.put(open.trainer(), open(open));
            case Order.Reconfigure to ->
                trainer(to).reconfigure(to.next().network(), to.next().state());
            case Order.Step step -> step(step);
            case Order.Close close -> {
                trainer(close).close();
                trainers.remove(close.trainer());
            }
        }
    }

    /** The first process tells the rate with every step, so that the schedule here is never asked. */
    private TorchTrainer open(Order.Open open) {
        TorchTrainer trainer = new TorchTrainer(
                libTorch,
                open.start().network(),
                open.start().state(),
                open.recipe(),
                open.optimizer(),
                new MilestoneSchedule(1, List.of(), 1),
                0,
                System::nanoTime,
                open.format());
        trainer.join(group, (images, labels, count) -> count);
        return trainer;
    }

    /** What goes wrong in a step goes wrong in the first process too, which tells of it and decides what comes next. */
    private void step(Order.Step step) {
        TorchTrainer trainer = trainer(step);
        trainer.lambda(step.lambda());
        try {
            trainer.trainShare(step.images(), step.labels(), step.labels().length, step.whole(), step.rate());
        } catch (SecateurException e) {
            // Seen there as well: a loss that is no number.
        }
    }

    private TorchTrainer trainer(Order order) {
        return Objects.requireNonNull(trainers.get(order.trainer()));
    }
}
