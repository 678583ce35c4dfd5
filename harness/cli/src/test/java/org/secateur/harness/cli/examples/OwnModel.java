package org.secateur.harness.cli.examples;

import java.util.Random;
import org.secateur.harness.cli.Secateur;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.data.ImageSource;
import org.secateur.models.core.data.LabelledImage;
import org.secateur.models.core.graph.GraphBuilder;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Shape;

/** A network of one's own, trained on images of one's own. */
public final class OwnModel {
    private static final Shape SHAPE = new Shape(1, 16, 16);

    /** Three convolutions, two of them beside a shortcut. */
    static Network network() {
        GraphBuilder graph = new GraphBuilder();
        String trunk = graph.convolution("conv1", Network.INPUT, 16, 3, 1, false);
        trunk = graph.relu("relu1", graph.batchNorm("bn1", trunk));
        String branch = graph.convolution("conv2", trunk, 32, 3, 2, false);
        branch = graph.relu("relu2", graph.batchNorm("bn2", branch));
        branch = graph.batchNorm("bn3", graph.convolution("conv3", branch, 32, 3, 1, false));
        String shortcut = graph.convolution("shortcut", trunk, 32, 1, 2, false);
        trunk = graph.relu("relu3", graph.add("add", branch, shortcut));
        return new Network("own", SHAPE, 2, graph.classifiedByMeans("fc", trunk, 2));
    }

    /** Bright bars that stand (class 0) or lie (class 1), on darker noise. */
    record Bars(int count, long seed) implements ImageSource {
        @Override
        public LabelledImage image(int index) {
            Random random = new Random(seed + index);
            byte[] pixels = new byte[SHAPE.elements()];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (byte) random.nextInt(128);
            }
            int label = random.nextInt(2);
            int place = random.nextInt(16);
            for (int i = 0; i < 16; i++) {
                pixels[label == 0 ? 16 * i + place : 16 * place + i] = (byte) 255;
            }
            return new LabelledImage(SHAPE, pixels, label);
        }
    }

    /** Carries out the command of the arguments, such as {@code prune --epochs 5}. */
    public static void main(String[] arguments) {
        Dataset data = Dataset.of("bars", 2, new Bars(2_000, 0), new Bars(500, 1_000_000));
        System.exit(Secateur.run(network(), data, arguments));
    }
}
