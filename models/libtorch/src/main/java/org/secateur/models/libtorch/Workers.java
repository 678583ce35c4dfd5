package org.secateur.models.libtorch;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.training.Trainer;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

/**
 * The other processes of a data-parallel training on this machine, as the first one has them: it starts them, tells them
 * what to do on their standard input, and adds up gradients with them. They end with it, however it ends. Used by one
 * thread; whoever starts them closes this.
 *
 * <p>Each process takes its share of every batch. Gradients and losses are the means over the whole batch, and batch norm
 * normalises by the statistics of the whole batch.
 */
public final class Workers implements AutoCloseable {
    /** More than a busy machine needs to start a JVM and load libtorch. */
    private static final Duration JOINING = Duration.ofMinutes(2);
    /** More than any step takes, so that only a process that hangs is given up. */
    private static final Duration WORKING = Duration.ofMinutes(10);
    /** A process that was killed, or has nothing more to do, ends within some milliseconds. */
    private static final Duration ENDING = Duration.ofSeconds(2);

    private record Worker(int rank, Process process, DataOutputStream orders) {}

    private final int size;
    private final Path store;
    private final List<Worker> workers = new ArrayList<>();
    private final ProcessGroup group;
    private int opened;

    private Workers(int size, int threads) throws IOException {
        this.size = size;
        store = Files.createTempFile("secateur", ".group");
        try {
            for (int rank = 1; rank < size; rank++) {
                Process process = start(rank, size, threads, store);
                workers.add(new Worker(
                        rank, process, new DataOutputStream(new BufferedOutputStream(process.getOutputStream()))));
            }
            for (Worker worker : workers) {
                if (worker.process.getInputStream().read() != WorkerProcess.READY) {
                    throw lost(new IOException("it did not start"));
                }
            }
            group = new ProcessGroup(store, 0, size, JOINING, WORKING, this::lost);
        } catch (IOException | RuntimeException e) {
            end();
            throw e;
        }
    }

    /**
     * Starts the other processes.
     *
     * @param processes of the training, this one included, at least 2
     * @param threads of each of the others
     * @throws SecateurException when they do not come to work
     */
    public static Workers start(int processes, int threads) {
        if (processes < 2 || threads < 1) {
            throw new IllegalArgumentException(
                    processes + " processes of " + threads + " threads: expected at least 2 of 1");
        }
        try {
            return new Workers(processes, threads);
        } catch (IOException e) {
            throw new SecateurException(
                    ExitCode.ENVIRONMENT,
                    "another process cannot be started: " + e.getMessage(),
                    processes + " processes",
                    "train in one, without --workers",
                    e);
        }
    }

    /** This JVM once more, with fewer threads that sleep while they have nothing to do. */
    private static Process start(int rank, int size, int threads, Path store) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path", ""),
                WorkerProcess.class.getName(),
                Integer.toString(rank),
                Integer.toString(size),
                Integer.toString(threads),
                Long.toString(JOINING.toMillis()),
                Long.toString(WORKING.toMillis()),
                store.toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
        builder.environment().put("OMP_WAIT_POLICY", "PASSIVE");
        return builder.start();
    }

    /** Processes, the first one included. */
    public int size() {
        return size;
    }

    /** The ids of the other processes, by rank. */
    public List<Long> processIds() {
        return workers.stream().map(worker -> worker.process.pid()).toList();
    }

    /**
     * A trainer that shares every step with the other processes.
     *
     * @param own this process's, which the result closes; the others train by its recipe and in its format
     */
    public Trainer share(TorchTrainer own) {
        int trainer = opened++;
        tell(new Order.Open(trainer, state(own.network(), own.state()), own.recipe(), own.optimizer(), own.format()));
        own.join(group, (images, labels, count) -> handOut(trainer, own, images, labels, count));
        return new DataParallelTrainer(this, trainer, own);
    }

    void reconfigure(int trainer, Network network, ModelState state) {
        tell(new Order.Reconfigure(trainer, state(network, state)));
    }

    /** Gives the last images of a batch to the others; how many are left, at the front. */
    private int handOut(int trainer, TorchTrainer own, float[] images, long[] labels, int count) {
        if (count < size) {
            throw new IllegalArgumentException(
                    "batch of " + count + " images for " + size + " processes: expected at least one each");
        }
        int elements = own.network().input().elements();
        for (Worker worker : workers) {
            int from = first(worker.rank, count);
            int to = first(worker.rank + 1, count);
            tell(
                    worker,
                    new Order.Step(
                            trainer,
                            count,
                            Arrays.copyOfRange(images, from * elements, to * elements),
                            Arrays.copyOfRange(labels, from, to),
                            own.learningRate(),
                            own.lambda()));
        }
        return first(1, count);
    }

    /** The first image of a rank's share. */
    private int first(int rank, int count) {
        return (int) ((long) rank * count / size);
    }

    /** Tells the others that a trainer is no longer needed, where they still are. */
    void close(int trainer) {
        for (Worker worker : workers) {
            if (worker.process.isAlive()) {
                tell(worker, new Order.Close(trainer));
            }
        }
    }

    private void tell(Order order) {
        workers.forEach(worker -> tell(worker, order));
    }

    private void tell(Worker worker, Order order) {
        try {
            order.write(worker.orders);
        } catch (IOException e) {
            throw lost(e);
        }
    }

    private static Checkpoint state(Network network, ModelState state) {
        return new Checkpoint(network, state, Map.of());
    }

    /** Which process is gone. */
    private SecateurException lost(Exception cause) {
        awaitEnds();
        List<Worker> gone =
                workers.stream().filter(worker -> !worker.process.isAlive()).toList();
        String what = gone.stream()
                .filter(worker -> worker.process.exitValue() != WorkerProcess.LOST)
                .findFirst()
                .or(() -> gone.stream().findFirst())
                .map(worker -> "process %d of the %d that train together (pid %d) ended with exit code %d"
                        .formatted(worker.rank + 1, size, worker.process.pid(), worker.process.exitValue()))
                .orElse("the " + size + " processes that train together lost each other: " + firstLine(cause));
        return new SecateurException(
                ExitCode.FAILED,
                what,
                "--workers " + size,
                "start the same command again: it continues from its last checkpoint",
                cause);
    }

    private static String firstLine(Exception cause) {
        return String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    }

    private void awaitEnds() {
        CompletableFuture.allOf(
                        workers.stream().map(worker -> worker.process.onExit()).toArray(CompletableFuture<?>[]::new))
                .completeOnTimeout(null, ENDING.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    @Override
    public void close() {
        end();
        group.close();
    }

    private void end() {
        for (Worker worker : workers) {
            try {
                worker.orders.close();
            } catch (IOException e) {
                worker.process.destroyForcibly(); // it is gone or does not listen
            }
        }
        awaitEnds();
        workers.forEach(worker -> worker.process.destroyForcibly()); // one in the middle of a step has nothing to save
        try {
            Files.deleteIfExists(store);
        } catch (IOException e) {
            store.toFile().deleteOnExit();
        }
    }
}
