package org.secateur.profilers.core.noise;

/** Whether a machine is fit to be measured on. */
public enum Fitness {
    /** Numbers come within their stated precision soon. */
    GOOD,
    /** Numbers take longer and more of them are flagged. */
    CARE,
    /** Numbers say more of the disturbance than of the device. */
    UNFIT
}
