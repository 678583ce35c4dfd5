package org.secateur.models.core.data;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * The batches of a pass, one after the other. Where drawing an image takes work ({@link ImageSource#atHand}), one thread
 * draws up to {@value #AHEAD} batches ahead of the one that trains; else each batch is drawn when it is taken. What a
 * batch holds is the same either way. Used by one thread, which closes it; then nothing is drawn any more.
 */
public final class BatchQueue implements AutoCloseable {
    /** One lies ready while another is drawn, so that a batch that takes longer than a step is made up for by the next. */
    static final int AHEAD = 2;

    private final Batches batches;
    private final @Nullable ExecutorService drawer;
    private final Deque<Buffer> free = new ArrayDeque<>();
    private final Deque<Future<Buffer>> ahead = new ArrayDeque<>();
    private int asked;
    private int taken;

    /** Batches of a pass, from its first on. */
    public BatchQueue(Batches batches) {
        this.batches = batches;
        drawer = batches.atHand()
                ? null
                : Executors.newSingleThreadExecutor(task -> {
                    Thread thread = new Thread(task, "batches");
                    thread.setDaemon(true);
                    return thread;
                });
        for (int i = 0; drawer != null && i < AHEAD; i++) {
            free.add(
                    new Buffer(new float[batches.largestSize() * batches.elements()], new long[batches.largestSize()]));
            ask();
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // a place to draw to, never compared
    private record Buffer(float[] floats, long[] labels) {}

    /**
     * Writes the next batch, waiting for it if need be.
     *
     * @param floats gets the images, N x C x H x W
     * @param labels gets their N classes
     * @return the number N of images written
     * @throws RuntimeException what drawing the batch threw
     */
    public int next(float[] floats, long[] labels) {
        if (drawer == null) {
            return batches.fill(taken++, floats, labels);
        }
        int count = batches.size(taken++);
        Buffer drawn = await(ahead.remove());
        System.arraycopy(drawn.floats(), 0, floats, 0, count * batches.elements());
        System.arraycopy(drawn.labels(), 0, labels, 0, count);
        free.add(drawn);
        ask();
        return count;
    }

    /** Has the next batch drawn, where there is one. */
    private void ask() {
        if (drawer != null && asked < batches.count()) {
            int index = asked++;
            Buffer buffer = free.remove();
            ahead.add(drawer.submit(() -> {
                batches.fill(index, buffer.floats(), buffer.labels());
                return buffer;
            }));
        }
    }

    private static Buffer await(Future<Buffer> drawn) {
        try {
            return drawn.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a batch was drawn", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new IllegalStateException("a batch could not be drawn", e);
            }
        }
    }

    /** Ends the thread that draws; returns when it has ended. */
    @Override
    public void close() {
        if (drawer != null) {
            drawer.shutdownNow();
            drawer.close();
        }
    }
}
