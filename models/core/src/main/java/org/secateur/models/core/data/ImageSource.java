package org.secateur.models.core.data;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import org.secateur.models.core.graph.Shape;

/**
 * Labelled images of one shape, each to be had by its number: what PyTorch calls a map-style dataset. Data of one's own
 * are {@link #count} and {@link #image}. Several threads may call them at once.
 */
public interface ImageSource {
    /** The number of images, at least 1, always the same. */
    int count();

    /**
     * An image with its label, for one number always the same.
     *
     * @param index 0 to {@link #count} - 1
     */
    LabelledImage image(int index);

    /** The shape of every image. */
    default Shape shape() {
        return image(0).shape();
    }

    /**
     * Feeds a digest all that tells these images from others, by which a run that was left knows its data again: every pixel
     * and label. Where an image takes long, what stands for it may be fed instead, such as the size and time of its file.
     */
    default void identify(MessageDigest digest) {
        for (int i = 0; i < count(); i++) {
            LabelledImage image = image(i);
            digest.update(image.pixels());
            digest.update(
                    ByteBuffer.allocate(Integer.BYTES).putInt(0, image.label()).array());
        }
    }

    /**
     * Whether an image takes hardly more than copying it. Where it takes more, such as decoding, batches are drawn ahead
     * by a thread of their own.
     */
    default boolean atHand() {
        return false;
    }
}
