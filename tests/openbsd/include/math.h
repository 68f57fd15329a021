/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_MATH_H
#define OPENBSD_MATH_H

double ceil(double);
double exp2(double);
double exp(double);
double fabs(double);
double floor(double);
double log(double);
double log2(double);
double pow(double, double);
double sqrt(double);
long lround(double);
double round(double);

#endif
