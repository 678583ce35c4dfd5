package org.secateur.models.core.training;

/** Which class a row of scores names: logits, probabilities or their logarithms. */
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

    /** How many of the first images are classified rightly, as many as there are rows of scores. */
    public static int correct(float[] scores, long[] labels, int classes) {
        int correct = 0;
        for (int i = 0; i < scores.length / classes; i++) {
            correct += winner(scores, i, classes) == labels[i] ? 1 : 0;
        }
        return correct;
    }
}
