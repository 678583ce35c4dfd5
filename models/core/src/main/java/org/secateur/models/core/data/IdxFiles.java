package org.secateur.models.core.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.secateur.models.core.graph.Shape;

/**
 * IDX files of unsigned bytes (LeCun's MNIST page): a big-endian magic number {@code 0x0000080d} with d dimensions, the
 * dimensions as four-byte integers, then the bytes. Plain, or packed with the name's end {@code .gz}.
 */
record IdxFiles(Path directory, int classes) {
    /** The images of one file with the labels of another. */
    ImageSet read(String imagesName, String labelsName) {
        Path labelsPath = path(labelsName);
        Content images = content(path(imagesName), 3);
        Content labels = content(labelsPath, 1);
        if (images.sizes[0] != labels.sizes[0]) {
            throw new DataFile(labelsPath)
                    .damaged(labels.sizes[0] + " labels for the " + images.sizes[0] + " images of " + imagesName);
        }
        int[] values = new int[labels.bytes.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = labels.bytes[i] & 0xff;
            if (values[i] >= classes) {
                throw new DataFile(labelsPath)
                        .damaged("label " + values[i] + " of image " + i + " is out of range: expected 0 to "
                                + (classes - 1));
            }
        }
        return new ImageSet(new Shape(1, images.sizes[1], images.sizes[2]), images.bytes, values);
    }

    private Path path(String name) {
        Path plain = directory.resolve(name);
        Path packed = directory.resolve(name + ".gz");
        return Files.exists(plain) || !Files.exists(packed) ? plain : packed;
    }

    private static Content content(Path path, int dimensions) {
        DataFile file = new DataFile(path);
        int header = 4 + 4 * dimensions;
        try (InputStream in = file.open()) {
            ByteBuffer head = ByteBuffer.wrap(file.read(in, header, header));
            int magic = head.getInt();
            if (magic != 0x0800 + dimensions) {
                throw file.damaged("bad magic number 0x%08x: expected 0x%08x, an IDX file of bytes with %d dimension(s)"
                        .formatted(magic, 0x0800 + dimensions, dimensions));
            }
            int[] sizes = new int[dimensions];
            long total = 1;
            for (int d = 0; d < dimensions; d++) {
                sizes[d] = head.getInt();
                if (sizes[d] < 1 || total * sizes[d] > Integer.MAX_VALUE) {
                    throw file.damaged("absurd size " + Integer.toUnsignedString(sizes[d]) + " of dimension " + d
                            + " in the header of a file of " + file.size() + " bytes");
                }
                total *= sizes[d];
            }
            byte[] bytes = file.read(in, total, header + total);
            file.expectEnd(in, header + total);
            return new Content(sizes, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close " + path, e);
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    private record Content(int[] sizes, byte[] bytes) {}
}
