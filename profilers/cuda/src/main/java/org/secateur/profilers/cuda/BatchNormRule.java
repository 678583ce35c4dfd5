package org.secateur.profilers.cuda;

/**
 * The numbers of a batch norm that its operation does not tell, since no time depends on them.
 *
 * @param epsilon what is added to the variance, at least 0, as cuDNN allows since version 7.5
 * @param momentum the weight of the newest batch in the running statistics, from 0 to 1
 */
public record BatchNormRule(double epsilon, double momentum) {
    /** PyTorch's defaults, for what is measured only. */
    public static final BatchNormRule USUAL = new BatchNormRule(1e-5, 0.1);

    public BatchNormRule {
        if (!(epsilon >= 0 && epsilon < Double.POSITIVE_INFINITY) || !(momentum >= 0 && momentum <= 1)) {
            throw new IllegalArgumentException("batch norm with epsilon " + epsilon + " and momentum " + momentum
                    + ": expected at least 0, and 0 to 1");
        }
    }
}
