package org.secateur.models.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.secateur.models.core.graph.Shape;
import org.secateur.results.core.SecateurException;

@Timeout(60)
class BatchQueueTest {
    private static final Shape SHAPE = new Shape(1, 2, 2);
    private static final int IMAGES = 23;
    private static final int SIZE = 4;

    /** Who looked at images. */
    private final Set<Thread> threads = Collections.synchronizedSet(new HashSet<>());

    /** Images that tell their number, after something is done at each. */
    private final class Numbered implements ImageSource {
        private final boolean atHand;
        private final IntConsumer before;

        Numbered(boolean atHand, IntConsumer before) {
            this.atHand = atHand;
            this.before = before;
        }

        @Override
        public int count() {
            return IMAGES;
        }

        @Override
        public LabelledImage image(int index) {
            threads.add(Thread.currentThread());
            before.accept(index);
            byte i = (byte) index;
            return new LabelledImage(SHAPE, new byte[] {i, i, i, i}, index);
        }

        @Override
        public Shape shape() {
            return SHAPE;
        }

        @Override
        public boolean atHand() {
            return atHand;
        }
    }

    private Dataset data(boolean atHand, IntConsumer before) {
        ImageSource images = new Numbered(atHand, before);
        float[] one = {1};
        return new Dataset("numbers", IMAGES, new Normalisation(one, one, "a test"), true, images, images);
    }

    @Test
    void batchesAreThoseOfThePassWhoeverDrawsThem() {
        for (boolean atHand : new boolean[] {true, false}) {
            threads.clear();
            Dataset data = data(atHand, i -> {});
            for (Batches pass : new Batches[] {Batches.test(data, SIZE), Batches.training(data, SIZE, 3, 1)}) {
                float[] floats = new float[SIZE * 4];
                long[] labels = new long[SIZE];
                float[] expected = new float[SIZE * 4];
                long[] expectedLabels = new long[SIZE];
                try (BatchQueue queue = new BatchQueue(pass)) {
                    for (int i = 0; i < pass.count(); i++) {
                        int count = queue.next(floats, labels);
                        assertThat(pass.fill(i, expected, expectedLabels)).isEqualTo(count);
                        assertThat(floats).isEqualTo(expected);
                        assertThat(labels).isEqualTo(expectedLabels);
                    }
                    assertThatThrownBy(() -> queue.next(floats, labels)).isInstanceOf(IllegalArgumentException.class);
                }
            }
            // This thread, and one for each of the two passes.
            assertThat(threads).hasSize(atHand ? 1 : 3);
        }
    }

    @Test
    void atMostTwoBatchesAreDrawnAhead() throws InterruptedException {
        AtomicInteger asked = new AtomicInteger();
        Set<Integer> early = Collections.synchronizedSet(new HashSet<>());
        CountDownLatch ahead = new CountDownLatch(BatchQueue.AHEAD * SIZE);
        Dataset data = data(false, i -> {
            if (i / SIZE >= asked.get() + BatchQueue.AHEAD) {
                early.add(i);
            }
            ahead.countDown();
        });
        Batches pass = Batches.test(data, SIZE);
        try (BatchQueue queue = new BatchQueue(pass)) {
            // Nothing has been taken yet.
            assertThat(ahead.await(30, TimeUnit.SECONDS)).isTrue();
            for (int i = 0; i < pass.count(); i++) {
                asked.incrementAndGet();
                queue.next(new float[SIZE * 4], new long[SIZE]);
            }
        }
        assertThat(early).isEmpty();
    }

    @Test
    void whatGoesWrongGoesWrongForTheOneWhoTakes() throws InterruptedException {
        SecateurException damaged = SecateurException.badInput("the image is damaged", "6.png", "fetch it again");
        Dataset data = data(false, i -> {
            if (i == 6) {
                throw damaged;
            }
        });
        try (BatchQueue queue = new BatchQueue(Batches.test(data, SIZE))) {
            assertThat(queue.next(new float[SIZE * 4], new long[SIZE])).isEqualTo(SIZE);
            assertThatThrownBy(() -> queue.next(new float[SIZE * 4], new long[SIZE]))
                    .isSameAs(damaged);
        }
        assertDrawersEnded();
    }

    @Test
    void closingEndsTheThreadWhateverItDoes() throws InterruptedException {
        CountDownLatch drawing = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        Dataset data = data(false, i -> {
            drawing.countDown();
            try {
                never.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException("interrupted", e);
            }
        });
        try (BatchQueue queue = new BatchQueue(Batches.test(data, SIZE))) {
            assertThat(queue).isNotNull();
            assertThat(drawing.await(30, TimeUnit.SECONDS)).isTrue();
        }
        assertDrawersEnded();
    }

    private void assertDrawersEnded() throws InterruptedException {
        threads.remove(Thread.currentThread());
        assertThat(threads).hasSize(1);
        for (Thread thread : threads) {
            // The executor is done; its thread is about to return.
            thread.join(TimeUnit.SECONDS.toMillis(30));
            assertThat(thread.isAlive()).isFalse();
        }
    }
}
