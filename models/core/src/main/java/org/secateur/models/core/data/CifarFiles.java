package org.secateur.models.core.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.secateur.models.core.graph.Shape;
import org.secateur.results.core.SecateurException;

/**
 * The binary version of CIFAR (Krizhevsky 2009): records of label bytes, then 1,024 red, green and blue bytes each. Of
 * several label bytes the last counts: CIFAR-100 stores the coarse label before the fine one.
 */
record CifarFiles(Path directory, int labelBytes, int classes) {
    private static final Shape SHAPE = new Shape(3, 32, 32);

    /** The names of the training batches of CIFAR-10 that are there, at least one. */
    List<String> trainingBatches() {
        List<String> names = IntStream.rangeClosed(1, 5)
                .mapToObj(i -> "data_batch_" + i + ".bin")
                .filter(name -> Files.exists(directory.resolve(name)))
                .toList();
        if (names.isEmpty()) {
            throw SecateurException.badInput(
                    "no data_batch_1.bin to data_batch_5.bin", directory.toString(), "name the folder that holds them");
        }
        return names;
    }

    /** The images of several files, one after the other. */
    ImageSet read(List<String> names) {
        int record = labelBytes + SHAPE.elements();
        List<byte[]> contents = new ArrayList<>();
        long count = 0;
        for (String name : names) {
            DataFile file = new DataFile(directory.resolve(name));
            byte[] content = file.content();
            if (content.length == 0 || content.length % record != 0) {
                throw file.truncated(
                        (content.length / record + 1L) * record,
                        content.length + " bytes (records are of " + record + " bytes)");
            }
            contents.add(content);
            count += content.length / record;
        }
        byte[] pixels = new byte[Math.toIntExact(count * SHAPE.elements())];
        int[] labels = new int[(int) count];
        int image = 0;
        for (int f = 0; f < contents.size(); f++) {
            byte[] content = contents.get(f);
            for (int at = 0; at < content.length; at += record) {
                int label = content[at + labelBytes - 1] & 0xff;
                if (label >= classes) {
                    throw new DataFile(directory.resolve(names.get(f)))
                            .damaged("label " + label + " in record " + at / record + " is out of range: expected 0 to "
                                    + (classes - 1));
                }
                labels[image] = label;
                System.arraycopy(content, at + labelBytes, pixels, image * SHAPE.elements(), SHAPE.elements());
                image++;
            }
        }
        return new ImageSet(SHAPE, pixels, labels);
    }
}
