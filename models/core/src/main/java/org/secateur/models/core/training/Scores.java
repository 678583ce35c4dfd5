package org.secateur.models.core.training;

/** What rows of scores say of images: logits, probabilities or their logarithms. */
public final class Scores {
    private Scores() {}

    /**
     * The class with the highest score of an image; the first of equal ones.
     *
     * @param scores {@code [images, classes]}
     */
    public static int winner(float[] scores, int image, int classes) {
        int best = 0;
        for (int c = 1; c < classes; c++) {
            if (scores[image * classes + c] > scores[image * classes + best]) {
                best = c;
            }
        }
        return best;
    }

    /**
     * Whether a class is among the five with the highest scores of an image; of equal ones the first count as higher, and
     * what is no number as highest.
     *
     * @param scores {@code [images, classes]}
     * @param label the class, from 0
     */
    public static boolean isInFive(float[] scores, int image, int classes, long label) {
        float own = scores[image * classes + (int) label];
        int above = 0;
        for (int c = 0; c < classes; c++) {
            float other = scores[image * classes + c];
            boolean below = c < label ? other < own : other <= own;
            above += c == label || below ? 0 : 1;
        }
        return above < 5;
    }

    /**
     * The cross entropy of an image: minus the logarithm of its class's probability.
     *
     * @param logits {@code [images, classes]}
     * @param label the class, from 0
     */
    public static double crossEntropy(float[] logits, int image, int classes, long label) {
        double highest = logits[image * classes + winner(logits, image, classes)];
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += Math.exp(logits[image * classes + c] - highest);
        }
        return highest + Math.log(sum) - logits[image * classes + (int) label];
    }

    /** How many of the first images are classified rightly, as many as there are rows of scores. */
    public static int correct(float[] scores, long[] labels, int classes) {
        int correct = 0;
        for (int i = 0; i < scores.length / classes; i++) {
            correct += winner(scores, i, classes) == labels[i] ? 1 : 0;
        }
        return correct;
    }
}
